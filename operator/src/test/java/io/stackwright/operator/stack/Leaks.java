package io.stackwright.operator.stack;

import ch.qos.logback.classic.Level;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.Spellings;
import io.stackwright.operator.source.LogCapture;
import io.stackwright.testkit.LiveFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Searches for texts in every place that others can read: command lines and environments of all processes, again and
 * again while it is open; log lines from debug up; and, on demand, objects, metrics and files.
 */
public final class Leaks implements AutoCloseable {

    private static final int DEPTH_ELSEWHERE = 3;

    /** A run's own environment holds what the Stack declares; it is known by this folder in it. */
    private final String runFolder;

    private final Path data;
    private final KubernetesClient client;
    private final String namespace;
    private final int httpPort;
    private final Spellings texts;
    /** Files have the time of the file system's clock, which may lag. */
    private final Instant since = Instant.now().minusSeconds(1);

    private final Set<String> inProcesses = new ConcurrentSkipListSet<>();
    private final LogCapture logs = LogCapture.at(Level.DEBUG);
    private final Thread sampler;
    private volatile boolean closed;
    private volatile long samples;

    public Leaks(KubernetesClient client, String namespace, Path data, int httpPort, List<String> canaries) {
        this.client = client;
        this.namespace = namespace;
        this.data = data;
        this.runFolder = "PULUMI_HOME=" + data.toAbsolutePath().normalize().resolve("work");
        this.httpPort = httpPort;
        this.texts = new Spellings(canaries);
        this.sampler = Thread.ofPlatform().daemon().name("leaks").start(this::sample);
    }

    private void sample() {
        while (!closed) {
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                for (Path process : processes) {
                    look(process);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            samples++;
        }
    }

    private void look(Path process) {
        String arguments = read(process.resolve("cmdline"));
        if (isIn(arguments)) {
            inProcesses.add("command line of " + arguments.split("\0")[0]);
        }
        String environment = read(process.resolve("environ"));
        if (isIn(environment) && !environment.contains(runFolder)) {
            if (inProcesses.add("environment of " + arguments.split("\0")[0])) {
                // Names only, for whoever has to find out whose it was.
                System.out.println("leaks: " + arguments.replace('\0', ' ') + " has a secret and not " + runFolder
                        + ": " + environment.replaceAll("=[^\0]*", "").replace('\0', ' '));
            }
        }
    }

    /** How often all processes have been looked at. */
    public long samples() {
        return samples;
    }

    /**
     * All places with one of the texts.
     *
     * @param secrets names of Secrets that may hold them
     */
    public Set<String> places(Set<String> secrets) {
        Set<String> places = new TreeSet<>(inProcesses);
        if (isIn(logs.text())) {
            places.add("log");
        }
        List<HasMetadata> objects = new ArrayList<>();
        objects.addAll(
                client.resources(Stack.class).inNamespace(namespace).list().getItems());
        objects.addAll(
                client.resources(Update.class).inNamespace(namespace).list().getItems());
        objects.addAll(
                client.events().v1().events().inNamespace(namespace).list().getItems());
        objects.addAll(client.configMaps().inNamespace(namespace).list().getItems());
        client.secrets().inNamespace(namespace).list().getItems().stream()
                .filter(secret -> !secrets.contains(secret.getMetadata().getName()))
                .forEach(objects::add);
        for (HasMetadata object : objects) {
            if (isIn(Serialization.asJson(object))) {
                places.add(object.getKind() + " " + object.getMetadata().getName());
            }
        }
        if (isIn(metrics())) {
            places.add("metrics");
        }
        places.addAll(files());
        places.addAll(filesElsewhere());
        return places;
    }

    private String metrics() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://127.0.0.1:" + httpPort + "/metrics");
            HttpResponse<String> response =
                    http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(metrics + ": " + response.statusCode());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<String> files() {
        return LiveFiles.under(data).stream()
                .filter(file -> isIn(read(file)))
                .map(file -> "file " + data.relativize(file))
                .toList();
    }

    /** What was written, since this is open, into the operator's own HOME and TMPDIR: not far down, they are large. */
    private List<String> filesElsewhere() {
        List<String> found = new ArrayList<>();
        for (String property : List.of("java.io.tmpdir", "user.home")) {
            Deque<Path> folders = new ArrayDeque<>(List.of(Path.of(System.getProperty(property))));
            for (int depth = 0; depth < DEPTH_ELSEWHERE; depth++) {
                for (int left = folders.size(); left > 0; left--) {
                    search(folders.remove(), folders, found);
                }
            }
        }
        return found;
    }

    private void search(Path folder, Deque<Path> folders, List<String> found) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    if (!data.equals(entry)) {
                        folders.add(entry);
                    }
                } else if (isFreshAndSmall(entry) && isIn(read(entry))) {
                    found.add("file " + entry);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Gone meanwhile, or not ours to read.
            return;
        }
    }

    private boolean isFreshAndSmall(Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile()
                    && attributes.lastModifiedTime().toInstant().isAfter(since)
                    && attributes.size() < 4 << 20;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isIn(String text) {
        return texts.isIn(text);
    }

    /** Bytes as they are; empty when it is gone or not ours to read. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        closed = true;
        logs.close();
        try {
            sampler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
