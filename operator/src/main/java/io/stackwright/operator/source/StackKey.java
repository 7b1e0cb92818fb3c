package io.stackwright.operator.source;

/** Names a Stack object; what sources, queues and caches are keyed by. */
public record StackKey(String namespace, String name) {

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
