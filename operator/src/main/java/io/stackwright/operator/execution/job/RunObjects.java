package io.stackwright.operator.execution.job;

import java.util.regex.Pattern;

/**
 * Names of the objects that a run consists of, and of the keys of its Secrets. An Update can have any name, so what tells
 * these names from those of other objects is how they end.
 */
public final class RunObjects {

    private static final Pattern NAME = Pattern.compile(".*-run(-input|-result)?");

    /** Of the input Secret: a {@link RunInput}. */
    public static final String RUN = "run.json";

    /** Of the input Secret: the run's own token. */
    public static final String TOKEN = "token";

    /** Of the input Secret: certificate authorities of the API server, PEM. */
    public static final String CA = "ca.crt";

    /** Of the input Secret: URL of the API server as pods reach it. */
    public static final String SERVER = "server";

    /** Of the result Secret: the salt that the stack is encrypted with, written before the operation. */
    public static final String ENCRYPTION_SALT = "encryptionsalt";

    /** Of the result Secret: a {@link RunResult}, written at the end. */
    public static final String OUTCOME = "outcome";

    /** Environment of the container: name of its pod, which is its host name too. */
    public static final String POD_NAME = "POD_NAME";

    /** Environment of the container: uid of its pod. */
    public static final String POD_UID = "POD_UID";

    private RunObjects() {}

    /** ServiceAccount, Role and RoleBinding of the run. */
    public static String account(String update) {
        return update + "-run";
    }

    /** The Secret that the run reads. */
    public static String input(String update) {
        return update + "-run-input";
    }

    /** The Secret that the run writes. */
    public static String result(String update) {
        return update + "-run-result";
    }

    /** Whether a name is one that objects of runs have, and no others that a run could be given. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }
}
