package io.stackwright.operator.source;

/**
 * What one poller and one cache belong to.
 *
 * @param credentialsDigest changes with the content of the credential Secret; empty without one
 */
record GitKey(GitUrl url, String credentialsDigest) {

    /** Name of the cache's directory. */
    String directoryName() {
        return SourceDigest.of(url.text() + "\n" + credentialsDigest);
    }
}
