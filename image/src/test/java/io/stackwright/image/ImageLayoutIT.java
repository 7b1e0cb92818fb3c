package io.stackwright.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.testkit.Toolchain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLayoutIT {

    private static final String JARS = "/opt/stackwright/lib/";
    private static final int OWN_LAYER = 2;
    private static final long OWN_LAYER_LIMIT = 4L << 20;

    @TempDir
    private static Path folder;

    private static BuiltImage image;
    private static List<BuiltImage.Entry> entries;

    @BeforeAll
    static void build() throws IOException {
        image = BuiltImage.ofThePackage(folder);
        entries = image.entries();
    }

    @Test
    void saysHowItIsRun() throws IOException {
        // when
        JsonNode config = image.config().get("config");

        // then
        assertThat(texts(config.get("Entrypoint")))
                .startsWith("/opt/stackwright/jre/bin/java")
                .endsWith("-cp", "/opt/stackwright/stackwright-operator.jar", "io.stackwright.operator.OperatorMain");
        assertThat(config.get("User").asText()).isEqualTo("65532:65532");
        assertThat(config.get("WorkingDir").asText()).isEqualTo("/var/lib/stackwright");
        assertThat(texts(config.get("Env"))).containsExactly("HOME=/var/lib/stackwright");
        assertThat(config.path("Volumes")).isEmpty();
        assertThat(config.get("Labels").toString())
                .contains("\"org.opencontainers.image.version\":\"1.2.3\"")
                .contains("\"org.opencontainers.image.revision\":\"0123456789\"")
                .contains("\"org.opencontainers.image.licenses\":\"Apache-2.0\"");
    }

    @Test
    void keepsToItsPlaces() {
        assertThat(entries)
                .allSatisfy(
                        entry -> assertThat(entry.path())
                                .matches(
                                        "/(opt/(stackwright/((jre|lib|sbom)/.*|stackwright-operator\\.jar)?)?|var/(lib/(stackwright/)?)?)"));
    }

    @Test
    void letsNobodyWriteButIntoTheDataDirectory() {
        assertThat(entries).allSatisfy(entry -> {
            int mode = entry.header().getMode();
            assertThat(mode & 06022)
                    .as("set-id and write bits of %s", entry.path())
                    .isZero();
            assertThat(entry.header().isFile() || entry.header().isDirectory()).isTrue();
            boolean data = entry.path().equals("/var/lib/stackwright/");
            assertThat(entry.header().getLongUserId()).as(entry.path()).isEqualTo(data ? 65532 : 0);
        });
        assertThat(entries).extracting(BuiltImage.Entry::path).contains("/var/lib/stackwright/");
    }

    @Test
    void putsOurOwnJarsIntoASmallLayerOfTheirOwn() {
        // when
        List<BuiltImage.Entry> own = entries.stream()
                .filter(entry -> entry.layer() == OWN_LAYER && entry.header().isFile())
                .toList();

        // then
        assertThat(own)
                .extracting(entry -> entry.path().replaceAll("-[0-9].*\\.jar", ".jar"))
                .containsExactlyInAnyOrder(
                        "/opt/stackwright/stackwright-operator.jar",
                        JARS + "stackwright-crds.jar",
                        "/opt/stackwright/sbom/stackwright.cdx.json",
                        "/opt/stackwright/sbom/java.cdx.json");
        assertThat(own.stream().mapToLong(entry -> entry.content().length).sum())
                .isLessThan(OWN_LAYER_LIMIT);
    }

    /** Nothing else puts them on the class path. */
    @Test
    void hasEveryJarThatItsManifestNames() throws IOException {
        // given
        byte[] operator = content("/opt/stackwright/stackwright-operator.jar");

        // when
        String classPath;
        try (JarInputStream jar = new JarInputStream(new ByteArrayInputStream(operator))) {
            classPath = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
        }

        // then
        assertThat(classPath.split(" "))
                .containsExactlyInAnyOrderElementsOf(entries.stream()
                        .map(BuiltImage.Entry::path)
                        .filter(path -> path.startsWith(JARS) && path.endsWith(".jar"))
                        .map(path -> path.substring("/opt/stackwright/".length()))
                        .toList());
    }

    /** As one for another platform, where it cannot be made. */
    @Test
    void doesWithoutAnArchiveOfClasses(@TempDir Path elsewhere) throws IOException {
        // given
        Path runtime = Files.createDirectories(elsewhere.resolve("jre"));
        Files.createDirectories(runtime.resolve("bin"));
        Files.copy(BuiltImage.RUNTIME.resolve("release"), runtime.resolve("release"));
        Files.write(runtime.resolve("bin/java"), new byte[64]);

        // when
        BuiltImage foreign = BuiltImage.build(elsewhere, runtime, BuiltImage.OPERATOR, BuiltImage.LIB);

        // then
        assertThat(foreign.entries()).extracting(BuiltImage.Entry::path).noneMatch(path -> path.endsWith(".jsa"));
        assertThat(entries).extracting(BuiltImage.Entry::path).contains("/opt/stackwright/jre/lib/server/classes.jsa");
        assertThat(foreign.config().at("/config/Entrypoint"))
                .isEqualTo(image.config().at("/config/Entrypoint"));
    }

    @Test
    void billsEveryJar() throws IOException {
        // given
        BuiltImage.Entry bill = entries.stream()
                .filter(entry -> entry.path().endsWith("/stackwright.cdx.json"))
                .findFirst()
                .orElseThrow();

        // when
        JsonNode sbom = new ObjectMapper().readTree(bill.content());
        Set<String> billed = new TreeSet<>();
        sbom.get("components")
                .forEach(part -> billed.add(
                        part.get("name").asText() + "-" + part.get("version").asText() + ".jar"));

        // then
        Set<String> jars = new TreeSet<>();
        entries.stream()
                .map(BuiltImage.Entry::path)
                .filter(path -> path.endsWith(".jar") && path.startsWith(JARS))
                .forEach(path -> jars.add(path.substring(JARS.length())));
        assertThat(jars).hasSizeGreaterThan(50);
        assertThat(billed).containsExactlyInAnyOrderElementsOf(jars);
        assertThat(sbom.at("/metadata/component/name").asText()).isEqualTo("stackwright-operator");
        assertThat(sbom.get("components"))
                .allSatisfy(part -> assertThat(part.path("licenses"))
                        .as(part.get("name").asText())
                        .isNotEmpty());
    }

    @Test
    void billsTheJavaRuntime() throws IOException {
        // given
        JsonNode platform = new ObjectMapper()
                .readTree(content("/opt/stackwright/sbom/java.cdx.json"))
                .at("/components/0");
        String release = new String(content("/opt/stackwright/jre/release"), StandardCharsets.UTF_8);

        // when
        Set<String> billed = new TreeSet<>();
        platform.get("components")
                .forEach(module -> billed.add(module.get("name").asText()));

        // then: it is the one that these tests run on
        String version =
                Runtime.version().version().stream().map(String::valueOf).collect(Collectors.joining("."));
        assertThat(platform.get("type").asText()).isEqualTo("platform");
        assertThat(platform.get("version").asText()).isEqualTo(version);
        assertThat(platform.get("cpe").asText()).contains(":openjdk:" + version + ":");
        assertThat(platform.at("/licenses/0/expression").asText()).contains("Classpath-exception");
        assertThat(billed).contains("java.base", "jdk.jcmd");
        assertThat(release).contains("MODULES=").contains(billed);
    }

    private static byte[] content(String path) {
        return entries.stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst()
                .orElseThrow()
                .content();
    }

    @Test
    void tellsNothingOfTheMachineThatBuiltIt() throws IOException {
        // given
        List<String> places = Stream.of(
                        Toolchain.root().toString(),
                        System.getProperty("java.home"),
                        System.getProperty("user.home") + "/.",
                        folder.toString())
                .toList();

        // then
        assertThat(image.config().toString()).doesNotContain(places);
        for (BuiltImage.Entry entry : entries) {
            boolean ours = entry.layer() == OWN_LAYER && entry.path().endsWith(".jar");
            for (byte[] content : ours ? unzipped(entry.content()) : List.of(entry.content())) {
                String text = new String(content, StandardCharsets.ISO_8859_1);
                assertThat(places).as(entry.path()).noneMatch(text::contains);
            }
        }
    }

    @Test
    void hasEveryModuleThatItsClassesReferTo() throws IOException {
        // given: what refers to modules that are left out, because nobody of ours comes by there
        Pattern known = Pattern.compile("(com\\.squareup\\.javapoet"
                + "|com\\.fasterxml\\.jackson\\.databind\\.ext"
                + "|io\\.javaoperatorsdk\\.operator\\.config\\.runtime"
                + "|io\\.micrometer\\.core\\.instrument\\.binder\\.logging"
                + "|org\\.apache\\.commons\\.lang3\\.concurrent"
                + "|org\\.yaml\\.snakeyaml\\.introspector)\\..*");
        String has = Finished.of(new ProcessBuilder(
                        BuiltImage.RUNTIME.resolve("bin/java").toString(), "--list-modules"))
                .output();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/jdeps").toString(),
                "--multi-release=25",
                "--ignore-missing-deps",
                "-verbose:class",
                "-filter:none",
                BuiltImage.OPERATOR.toString()));
        try (Stream<Path> jars = Files.list(BuiltImage.LIB)) {
            jars.map(Path::toString).sorted().forEach(command::add);
        }

        // when
        Finished dependencies = Finished.of(new ProcessBuilder(command));
        Set<String> unexpected = new TreeSet<>();
        Set<String> missing = new TreeSet<>();
        Matcher matcher = Pattern.compile("^ {3}(\\S+) +-> \\S+ +((?:java|jdk)\\.[a-z.]+)$", Pattern.MULTILINE)
                .matcher(dependencies.output());
        while (matcher.find()) {
            if (!has.contains(matcher.group(2) + "@")) {
                missing.add(matcher.group(2));
                if (!known.matcher(matcher.group(1)).matches()) {
                    unexpected.add(matcher.group(1) + " -> " + matcher.group(2));
                }
            }
        }

        // then
        assertThat(dependencies.exit()).isZero();
        assertThat(missing).as("jdeps was understood").contains("java.desktop", "java.compiler");
        assertThat(unexpected).isEmpty();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static List<byte[]> unzipped(byte[] jar) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.add(zip.readAllBytes());
            }
        }
        return files;
    }
}
