package io.stackwright.operator.settings;

import java.util.Map;

/**
 * Tells the variables that Kubernetes makes for every Service of the namespace from settings: a Service that is called
 * {@code stackwright} would otherwise look like unknown settings, and {@code stackwright-http} like a wrong port.
 */
final class ServiceLinks {

    private static final String HOST = "_SERVICE_HOST";
    private static final String PORT = "_PORT";

    private ServiceLinks() {}

    static boolean contains(Map<String, String> environment, String variable) {
        return environment.keySet().stream()
                .filter(name -> name.endsWith(HOST))
                .map(name -> name.substring(0, name.length() - HOST.length()))
                .anyMatch(service -> belongs(service, variable));
    }

    private static boolean belongs(String service, String variable) {
        return variable.equals(service + HOST)
                || variable.equals(service + "_SERVICE_PORT")
                || variable.startsWith(service + "_SERVICE_PORT_")
                || variable.equals(service + PORT)
                || variable.startsWith(service + PORT + "_");
    }
}
