package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server itself has counted of writes to the kinds that an operator writes, by anybody. */
final class ApiWrites {

    private static final Pattern COUNTER =
            Pattern.compile("^apiserver_request_total\\{(?<labels>[^}]*)} (?<count>\\S+)$", Pattern.MULTILINE);
    private static final Pattern WRITE = Pattern.compile("verb=\"(POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION)\"");
    private static final Pattern KIND =
            Pattern.compile("resource=\"(stacks|updates|secrets|configmaps|events|leases)\"");
    /** The API server's own leases, one every ten seconds. */
    private static final Pattern OWN = Pattern.compile("resource=\"leases\"");

    private ApiWrites() {}

    static long count(KubernetesClient client) {
        long writes = 0;
        Matcher counters = COUNTER.matcher(client.raw("/metrics"));
        while (counters.find()) {
            String labels = counters.group("labels");
            if (WRITE.matcher(labels).find()
                    && KIND.matcher(labels).find()
                    && !OWN.matcher(labels).find()) {
                writes += (long) Double.parseDouble(counters.group("count"));
            }
        }
        return writes;
    }
}
