package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Makes the content of {@code Pulumi.<stack>.yaml}: what the source brought, with the Stack's own configuration over
 * it. Secrets are in it as ciphertext only, so that nothing plain touches a disk.
 */
public final class StackSettings {

    private static final Set<String> PASSPHRASE_PROVIDERS = Set.of("passphrase", "default");

    private final String project;
    private final Map<String, JsonNode> base;
    private final Map<String, JsonNode> others;
    private final Optional<String> committedSalt;

    private StackSettings(
            String project, Map<String, JsonNode> base, Map<String, JsonNode> others, Optional<String> committedSalt) {
        this.project = project;
        this.base = base;
        this.others = others;
        this.committedSalt = committedSalt;
    }

    /** Settings of a source that brought none. */
    public static StackSettings fresh(String project) {
        return new StackSettings(project, Map.of(), Map.of(), Optional.empty());
    }

    /**
     * Refuses a file before it is read as a whole.
     *
     * @param bytes of the source's {@code Pulumi.<stack>.yaml}
     * @throws InputsException {@code SettingsConflict}
     */
    public static void checkFileSize(long bytes) throws InputsException {
        CommittedSettings.checkSize(bytes);
    }

    /**
     * Settings on top of a committed file.
     *
     * @param project {@code name} of Pulumi.yaml: the namespace of keys that have none
     * @param committed content of the source's {@code Pulumi.<stack>.yaml}
     * @throws InputsException {@code SettingsConflict} when the file cannot be used
     */
    public static StackSettings over(String project, String committed) throws InputsException {
        CommittedSettings file = CommittedSettings.read(committed);
        refuseOtherProvider(file);
        Map<String, JsonNode> base = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : file.config().entrySet()) {
            String key = qualify(project, entry.getKey());
            if (base.put(key, entry.getValue()) != null) {
                throw InputsException.conflict("the committed stack settings file sets `" + Messages.shorten(key)
                        + "` twice, with and without its namespace; remove one");
            }
        }
        Optional<String> salt = file.scalar("encryptionsalt");
        if (salt.isEmpty() && base.values().stream().anyMatch(StackSettings::hasCiphertext)) {
            throw InputsException.conflict("the committed stack settings file has secrets but no `encryptionsalt`;"
                    + " remove the secrets, or commit the salt that they were encrypted with");
        }
        Map<String, JsonNode> others = new LinkedHashMap<>();
        file.get("environment").ifPresent(environment -> others.put("environment", environment));
        return new StackSettings(project, base, others, salt);
    }

    /**
     * The committed file's {@code encryptionsalt}: {@link #render} takes no other one, because the committed secrets,
     * and everybody who works with that file, depend on it.
     */
    public Optional<String> committedSalt() {
        return committedSalt;
    }

    /**
     * The content of the file.
     *
     * @param salt {@code encryptionsalt} of the stack, as Pulumi writes it
     * @param encrypt makes a ciphertext that belongs to that salt
     * @throws InputsException {@code InputsInvalid} for configuration that does not fit together,
     *     {@code SettingsConflict} for a salt that is not the committed one
     */
    public String render(ResolvedInputs inputs, String salt, UnaryOperator<String> encrypt) throws InputsException {
        if (committedSalt.isPresent() && !committedSalt.get().equals(salt)) {
            throw InputsException.conflict("the committed stack settings file has an `encryptionsalt` that is not this"
                    + " stack's; set spec.secretsProvider to the passphrase that belongs to it, or remove"
                    + " `encryptionsalt` and the encrypted values from the file");
        }
        Map<String, JsonNode> top = new LinkedHashMap<>(others);
        top.put("encryptionsalt", TextNode.valueOf(salt));
        return SettingsYaml.write(merge(project, base, inputs.config(), List.of(), encrypt), top);
    }

    /**
     * Refuses configuration that a program of this runtime cannot be started with, before Pulumi fails on it.
     *
     * @param runtime runtime name of Pulumi.yaml; {@code yaml} takes any size
     * @throws InputsException {@code InputsInvalid}
     */
    public void checkSize(String runtime, ResolvedInputs inputs) throws InputsException {
        ProgramConfig.refuseTooLarge(
                runtime, merge(project, base, inputs.config(), List.of(), UnaryOperator.identity()));
    }

    /**
     * Puts configuration together.
     *
     * @param fields where in the spec each entry comes from; empty when not known
     */
    static Map<String, JsonNode> merge(
            String project,
            Map<String, JsonNode> base,
            List<ConfigEntry> config,
            List<String> fields,
            UnaryOperator<String> encrypt)
            throws InputsException {
        List<DeclaredConfig> declared = new ArrayList<>(config.size());
        for (int i = 0; i < config.size(); i++) {
            ConfigEntry entry = config.get(i);
            String field = fields.isEmpty() ? "configuration `" + Messages.shorten(entry.key()) + "`" : fields.get(i);
            declared.add(DeclaredConfig.of(field, entry));
        }
        DeclaredConfig.refuseDuplicates(project, declared);
        ConfigTree tree = new ConfigTree(project, base);
        for (DeclaredConfig next : declared) {
            JsonNode value = next.entry().value();
            if (next.entry().secret()) {
                value = ConfigValues.ciphertext(encrypt.apply(value.asText()));
            } else {
                ConfigValues.check(next.field(), value);
                value = value.deepCopy();
            }
            tree.set(next.field(), next.place(), value);
        }
        return tree.values();
    }

    private static void refuseOtherProvider(CommittedSettings file) throws InputsException {
        Optional<String> provider = file.scalar("secretsprovider").filter(p -> !PASSPHRASE_PROVIDERS.contains(p));
        if (provider.isPresent() || file.scalar("encryptedkey").isPresent()) {
            // Only the scheme: the rest names keys, and may hold credentials.
            String name = provider.map(p -> p.replaceFirst("://.*", "://…")).orElse("with an `encryptedkey`");
            throw InputsException.conflict("the committed stack settings file names the secrets provider "
                    + Messages.shorten(name) + ", but this stack's secrets are encrypted with a passphrase; remove"
                    + " `secretsprovider` and `encryptedkey` and the encrypted values from the file");
        }
    }

    private static String qualify(String project, String key) throws InputsException {
        try {
            return PropertyPath.literal(key).qualifiedKey(project);
        } catch (IllegalArgumentException e) {
            throw InputsException.conflict("the committed stack settings file has the configuration key `"
                    + Messages.shorten(key) + "`: " + e.getMessage());
        }
    }

    private static boolean hasCiphertext(JsonNode value) {
        if (ConfigValues.isCiphertext(value)) {
            return true;
        }
        for (JsonNode child : value) {
            if (hasCiphertext(child)) {
                return true;
            }
        }
        return false;
    }
}
