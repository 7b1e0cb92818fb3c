package io.stackwright.operator.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Python packages for installations without a network: what pip is asked for besides what each environment has. */
public final class Wheels {

    /** As the program says it in requirements.txt; the module {@code greet} is in there. */
    public static final String REQUIREMENT = "greet==1.0";

    private Wheels() {}

    /**
     * Wheels by file name.
     *
     * @param visible folder of packages that the environments shall see as well
     */
    public static Map<String, byte[]> all(String visible) {
        return Map.of(
                "greet-1.0-py3-none-any.whl",
                wheel("greet", "1.0", Map.of("greet.py", "word = 'hello'\n", "greet.pth", visible + "\n")),
                // Pulumi asks for its newest version in each new environment.
                "wheel-99.0-py3-none-any.whl",
                wheel("wheel", "99.0", Map.of("wheel99.py", "")));
    }

    /** Writes them; the result are the settings with which pip finds them, and nothing else. */
    public static Map<String, String> in(Path folder) {
        try {
            Files.createDirectories(folder);
            for (var wheel : all("/nowhere").entrySet()) {
                Files.write(folder.resolve(wheel.getKey()), wheel.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("PIP_NO_INDEX", "1", "PIP_FIND_LINKS", folder.toString());
    }

    private static byte[] wheel(String name, String version, Map<String, String> files) {
        String information = name + "-" + version + ".dist-info/";
        Map<String, String> all = new TreeMap<>(files);
        all.put(information + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
        all.put(information + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        all.put(information + "RECORD", "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (var file : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
