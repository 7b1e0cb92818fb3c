package io.stackwright.operator.inputs;

/** The operator may not read an object that a Stack refers to; whether it exists is not known. */
public final class ReadRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message names the object and the remedy, but not the field that refers to it */
    public ReadRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
