package io.stackwright.image;

import java.security.Provider;
import java.security.Security;

/** Runs on the runtime of the image, not in the JVM of the tests: names the security providers that are there. */
final class ListProviders {

    private ListProviders() {}

    public static void main(String[] arguments) {
        for (Provider provider : Security.getProviders()) {
            System.out.println(provider.getName());
        }
    }
}
