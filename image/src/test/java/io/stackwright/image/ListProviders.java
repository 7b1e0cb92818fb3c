package io.stackwright.image;

import java.security.Provider;
import java.security.Security;
import java.util.ServiceLoader;

/**
 * Runs on the runtime of the image, not in the JVM of the tests: names the security providers that its settings bring, and
 * after {@value #OF_A_MODULE} those that its modules do.
 */
final class ListProviders {

    static final String OF_A_MODULE = "module ";

    private ListProviders() {}

    public static void main(String[] arguments) {
        for (Provider provider : Security.getProviders()) {
            System.out.println(provider.getName());
        }
        for (Provider provider : ServiceLoader.load(Provider.class, null)) {
            System.out.println(OF_A_MODULE + provider.getName());
        }
    }
}
