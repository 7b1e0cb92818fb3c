package io.stackwright.operator.source;

import java.io.IOException;

/** What one operation on a remote met; decides what its failure is called. */
final class NetworkTrace {

    private volatile int status;
    private volatile boolean rateLimited;
    private volatile String refusal = "";
    private volatile String noGit = "";
    private volatile String untrusted = "";

    /** The remote, or where it sends us, is not allowed. */
    IOException refused(String why) {
        refusal = why;
        return new IOException(why);
    }

    /** There is a server, but not one for Git. */
    IOException noGit(String why) {
        noGit = why;
        return new IOException(why);
    }

    /** The server's identity could not be verified. */
    void untrusted(String why) {
        untrusted = why;
    }

    void status(int code, boolean limited) {
        status = code;
        rateLimited = limited;
    }

    int status() {
        return status;
    }

    boolean rateLimited() {
        return rateLimited;
    }

    String refusal() {
        return refusal;
    }

    String noGit() {
        return noGit;
    }

    String untrusted() {
        return untrusted;
    }
}
