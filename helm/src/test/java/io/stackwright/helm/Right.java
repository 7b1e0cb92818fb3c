package io.stackwright.helm;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * One verb on one resource.
 *
 * @param namespace empty for all of them
 * @param resource with its subresource, {@code stacks/status}
 */
record Right(String namespace, String group, String resource, String verb) implements Comparable<Right> {

    private static final Comparator<Right> ORDER = Comparator.comparing(Right::namespace)
            .thenComparing(Right::group)
            .thenComparing(Right::resource)
            .thenComparing(Right::verb);

    /** The single rights that rules give. */
    static TreeSet<Right> of(String namespace, Collection<PolicyRule> rules) {
        TreeSet<Right> rights = new TreeSet<>();
        for (PolicyRule rule : rules) {
            for (String group : rule.getApiGroups()) {
                for (String resource : rule.getResources()) {
                    rule.getVerbs().forEach(verb -> rights.add(new Right(namespace, group, resource, verb)));
                }
            }
        }
        return rights;
    }

    /** A Role without this right, wherever the Role is; its rules are of one resource each then. */
    GenericKubernetesResource takenFrom(GenericKubernetesResource object) {
        Role role = Serialization.unmarshal(Serialization.asYaml(object), Role.class);
        List<PolicyRule> rules = new ArrayList<>();
        for (PolicyRule rule : role.getRules()) {
            for (String resource : rule.getResources()) {
                List<String> verbs = new ArrayList<>(rule.getVerbs());
                if (rule.getApiGroups().contains(group) && resource.equals(this.resource)) {
                    verbs.remove(verb);
                }
                if (!verbs.isEmpty()) {
                    rules.add(new PolicyRuleBuilder(rule)
                            .withResources(resource)
                            .withVerbs(verbs)
                            .build());
                }
            }
        }
        role.setRules(rules);
        return Serialization.unmarshal(Serialization.asYaml(role), GenericKubernetesResource.class);
    }

    /** The same in all namespaces. */
    Right everywhere() {
        return in("");
    }

    Right in(String otherNamespace) {
        return new Right(otherNamespace, group, resource, verb);
    }

    @Override
    public int compareTo(Right other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group)
                + (namespace.isEmpty() ? "" : " in " + namespace);
    }
}
