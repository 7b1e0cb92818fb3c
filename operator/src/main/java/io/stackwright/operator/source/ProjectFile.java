package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.DuplicateKeyException;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * What the operator needs to know of a Pulumi.yaml, read from content that nobody vouches for.
 *
 * @param name project name
 * @param runtime runtime name, without options
 */
record ProjectFile(String name, String runtime) {

    static final String FILE_NAME = "Pulumi.yaml";
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_ALIASES = 50;
    private static final int MAX_NESTING = 100;
    private static final Pattern NAME = Pattern.compile("^(?!\\.\\.?$)[A-Za-z0-9_.-]{1,100}$");

    /**
     * Reads the content of a Pulumi.yaml.
     *
     * @throws SourceException {@code SourceInvalid}, with the place and the remedy but none of the content
     */
    static ProjectFile parse(byte[] content) throws SourceException {
        if (content.length > MAX_BYTES) {
            throw tooLarge();
        }
        Object root = load(decode(content));
        if (root == null) {
            throw invalid("is empty");
        }
        if (!(root instanceof Map<?, ?> fields)) {
            throw invalid("must be a mapping with the keys name and runtime");
        }
        return of(fields);
    }

    static SourceException tooLarge() {
        return invalid("is larger than 1 MiB");
    }

    private static ProjectFile of(Map<?, ?> fields) throws SourceException {
        if (!(fields.get("name") instanceof String name) || name.isEmpty()) {
            throw invalid("has no name; add `name: <project>`");
        }
        if (!NAME.matcher(name).matches()) {
            throw invalid("has an illegal name; use at most 100 letters, digits, hyphens, underscores and periods");
        }
        String main = fields.get("main") instanceof String text ? text : "";
        if (leaves(main)) {
            throw invalid("has a main outside of the project directory; it must be a relative path inside it");
        }
        if (hasPluginOutside(fields.get("plugins"))) {
            throw invalid("has a plugin outside of the project directory, where no revision covers it; its path must be"
                    + " a relative one inside");
        }
        return new ProjectFile(
                name,
                runtime(fields.get("runtime"))
                        .orElseThrow(() ->
                                invalid("has no runtime; add `runtime: yaml`, or python, nodejs, go, dotnet, java")));
    }

    private static Optional<String> runtime(Object value) {
        Object name = value instanceof Map<?, ?> fields ? fields.get("name") : value;
        return name instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }

    private static boolean hasPluginOutside(Object plugins) {
        if (!(plugins instanceof Map<?, ?> kinds)) {
            return false;
        }
        return kinds.values().stream()
                .flatMap(kind -> kind instanceof List<?> list ? list.stream() : Stream.empty())
                .anyMatch(plugin -> plugin instanceof Map<?, ?> fields
                        && fields.get("path") instanceof String path
                        && leaves(path));
    }

    private static boolean leaves(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() || path.normalize().startsWith("..");
        } catch (InvalidPathException e) {
            return true;
        }
    }

    private static String decode(byte[] content) throws SourceException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw invalid("is not UTF-8 text");
        }
    }

    private static Object load(String text) throws SourceException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_NESTING);
        options.setCodePointLimit(MAX_BYTES);
        DumperOptions unused = new DumperOptions();
        Yaml yaml =
                new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new PlainStrings());
        try {
            return yaml.load(text);
        } catch (DuplicateKeyException e) {
            throw invalid("has a key twice" + place(e));
        } catch (MarkedYAMLException e) {
            if (indentedWithTab(text, e)) {
                throw invalid("is indented with a tab" + place(e) + "; YAML wants spaces");
            }
            throw invalid("is not valid YAML" + place(e));
        } catch (YAMLException e) {
            throw invalid("is not valid YAML, is nested deeper than " + MAX_NESTING + " levels, or has more than "
                    + MAX_ALIASES + " aliases");
        }
    }

    private static String place(MarkedYAMLException e) {
        return e.getProblemMark() == null
                ? ""
                : " at line " + (e.getProblemMark().getLine() + 1);
    }

    private static boolean indentedWithTab(String text, MarkedYAMLException e) {
        if (e.getProblemMark() == null) {
            return false;
        }
        return text.lines()
                .skip(e.getProblemMark().getLine())
                .findFirst()
                .map(line ->
                        line.substring(0, line.length() - line.stripLeading().length()))
                .filter(indent -> indent.contains("\t"))
                .isPresent();
    }

    private static SourceException invalid(String why) {
        return new SourceException(Reason.SourceInvalid, FILE_NAME + " " + why);
    }

    /** Leaves every scalar the string it is written as: {@code name: 1.10} is a name. */
    private static final class PlainStrings extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            // None: no scalar is anything but a string.
        }
    }
}
