package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.badinput.Row.Expectation;
import io.stackwright.testkit.GitServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Source URL and Git: rows 1 to 14. */
final class SourceRows {

    static final String PROJECT = "name: %s\nruntime: yaml\noutputs: {out: fine}\n";
    static final String TOKEN = "c4n4ry-t0ken-in-a-url";
    private static final int DOUBLINGS = 16;
    private static final String URL = "spec.project.git.url";

    private SourceRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(url(1, "r01-ext", "ext::sh -c 'touch PWNED'", "a transport that runs programs"));
        rows.add(url(2, "r02-upload-pack", "--upload-pack=touch PWNED", "a URL that is an option"));
        rows.add(ref(3, "r03-branch", "branch: \"--output=x\"", "a branch that is an option", "branch"));
        rows.add(ref(3, "r03-branch-c", "branch: \"-c core.sshCommand=touch PWNED\"", "a branch that is -c", "branch"));
        rows.add(ref(3, "r03-tag", "tag: \"--output=x\"", "a tag that is an option", "tag"));
        rows.add(url(4, "r04-file", "file:///etc", "a local folder by URL"));
        rows.add(url(4, "r04-path", "/etc", "a local folder by path"));
        rows.add(url(5, "r05-proxy", "ssh://-oProxyCommand=touch%20PWNED/x", "an ssh host that is an option"));
        rows.add(url(5, "r05-scp", "-oProxyCommand=touch@host:x", "an ssh user that is an option"));
        rows.add(url(6, "r06-http", "http://169.254.169.254/latest/meta-data", "the metadata service by http"));
        rows.add(new Row(6, "the metadata service by https", world -> {
            world.apply("r06-https", "project: {git: {url: \"https://169.254.169.254/latest/meta-data\"}}");
            return world.stalled("r06-https", Reason.SourceNotAllowed);
        }));
        for (String host : List.of("localhost", "127.0.0.1", "[::1]", "2130706433")) {
            rows.add(new Row(7, "the operator's own host as " + host, world -> loopback(world, host)));
        }
        rows.add(new Row(7, "the operator's own host as 0", world -> {
            world.apply("r07-zero", "project: {git: {url: \"https://0/x.git\"}}");
            return world.stalled("r07-zero", Reason.SourceNotAllowed);
        }));
        rows.add(new Row(8, "a token inside a URL", SourceRows::tokenInUrl));
        rows.add(new Row(9, "a submodule that points to ext:: and file://", SourceRows::submodule));
        rows.add(new Row(10, "hooks, filters and fsmonitor in a repository", SourceRows::hooks));
        rows.addAll(references());
        rows.add(new Row(12, "a repository larger than the limit", SourceRows::large));
        rows.add(new Row(12, "a repository of 65 000 files", SourceRows::many));
        rows.add(new Row(13, "a server that sends one byte a second", SourceRows::slow));
        rows.add(new Row(14, "a server of an unknown authority", SourceRows::unknownAuthority));
        rows.add(new Row(14, "a server with another host key", SourceRows::anotherHostKey));
        return rows;
    }

    private static Row url(int number, String name, String url, String what) {
        return new Row(
                number,
                what,
                world -> world.refused(name, "project: {git: {url: \"" + url + "\"}}", URL, Reason.SourceNotAllowed));
    }

    private static Row ref(int number, String name, String ref, String what, String field) {
        String spec = "project: {git: {url: \"https://localhost:1/x.git\", " + ref + "}}";
        return new Row(
                number, what, world -> world.refused(name, spec, "spec.project.git." + field, Reason.SourceInvalid));
    }

    private static Expectation loopback(World world, String host) throws Exception {
        String name = "r07-" + host.replaceAll("[^a-z0-9]", "");
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(host.equals("[::1]") ? "::1" : "127.0.0.1"));
        server.setSoTimeout(1);
        world.apply(name, "project: {git: {url: \"https://" + host + ":" + server.getLocalPort() + "/x.git\"}}");
        Expectation stalled = world.stalled(name, Reason.SourceNotAllowed);
        return () -> {
            try (server) {
                stalled.check();
                assertThat(org.assertj.core.api.Assertions.catchThrowable(server::accept))
                        .as("nobody connected")
                        .isInstanceOf(java.net.SocketTimeoutException.class);
            }
        };
    }

    private static Expectation tokenInUrl(World world) {
        Expectation refused = world.refused(
                "r08-token",
                "project: {git: {url: \"https://user:" + TOKEN + "@localhost/x.git\"}}",
                URL,
                Reason.SourceNotAllowed);
        return () -> {
            refused.check();
            assertThat(Serialization.asJson(world.scenario().get("r08-token").getStatus()))
                    .doesNotContain(TOKEN);
        };
    }

    private static Expectation submodule(World world) {
        Path marker = world.marker("submodule");
        GitServer.Repository repository = world.git().create("r09");
        repository.commit(Map.of(
                "Pulumi.yaml",
                PROJECT.formatted("r09"),
                ".gitmodules",
                "[submodule \"m\"]\n\tpath = m\n\turl = ext::sh -c 'touch " + marker + "'\n"
                        + "[submodule \"n\"]\n\tpath = n\n\turl = file:///etc\n"));
        repository.git("update-index", "--add", "--cacheinfo", "160000," + repository.head() + ",m");
        repository.git("update-index", "--add", "--cacheinfo", "160000," + repository.head() + ",n");
        repository.commitIndex();
        world.apply("r09-submodule", git(world, "r09", ""));
        return () -> {
            world.scenario().awaitReady("r09-submodule");
            assertThat(marker).doesNotExist();
        };
    }

    private static Expectation hooks(World world) {
        Path marker = world.marker("hooks");
        String run = "touch " + marker;
        GitServer.Repository repository = world.git().create("r10");
        repository.commit(Map.of(
                "Pulumi.yaml",
                PROJECT.formatted("r10"),
                ".gitattributes",
                "* filter=evil text eol=crlf ident\n*.bin filter=lfs diff=evil merge=evil\n",
                "config",
                "[core]\n\tfsmonitor = " + run + "\n\thooksPath = hooks\n\tsshCommand = " + run
                        + "\n[filter \"evil\"]\n" + "\tsmudge = " + run + "\n\tprocess = " + run + "\n",
                "hooks/post-checkout",
                "#!/bin/sh\n" + run + "\n",
                ".gitconfig",
                "[core]\n\tfsmonitor = " + run + "\n"));
        world.apply("r10-hooks", git(world, "r10", ""));
        return () -> {
            world.scenario().awaitReady("r10-hooks");
            assertThat(marker).doesNotExist();
        };
    }

    private static List<Row> references() {
        return List.of(
                new Row(11, "a branch and a tag of one name: each is what it says", world -> {
                    GitServer.Repository repository = world.git().create("r11");
                    String tagged = repository.commit(Map.of("Pulumi.yaml", PROJECT.formatted("r11")));
                    repository.tag("same");
                    repository.git("checkout", "-q", "-b", "same");
                    repository.git("commit", "-q", "--allow-empty", "-m", "x");
                    repository.git("push", "-q", "origin", "refs/heads/same:refs/heads/same");
                    String branch = repository.head();
                    world.apply("r11-branch", git(world, "r11", ", branch: same"));
                    world.apply("r11-tag", git(world, "r11", ", tag: same"));
                    world.apply("r11-head", git(world, "r11", ", branch: HEAD"));
                    return () -> {
                        assertThat(world.scenario()
                                        .awaitReady("r11-branch")
                                        .getStatus()
                                        .applied()
                                        .revision())
                                .isEqualTo("same@sha1:" + branch);
                        assertThat(world.scenario()
                                        .awaitReady("r11-tag")
                                        .getStatus()
                                        .applied()
                                        .revision())
                                .isEqualTo("same@sha1:" + tagged);
                        world.stalled("r11-head", Reason.SourceInvalid, "branch 'HEAD' does not exist")
                                .check();
                    };
                }),
                ref(11, "r11-short", "commit: 3f1c2d4", "an abbreviated commit", "commit"),
                ref(11, "r11-sha256", "commit: " + "ab".repeat(32), "a SHA-256 object id", "commit"));
    }

    private static Expectation large(World world) throws Exception {
        byte[] noise = new byte[(int) BadInputsIT.MAX_SOURCE + (1 << 20)];
        new Random(1).nextBytes(noise);
        GitServer.Repository repository = world.git().create("r12");
        Files.write(repository.work().resolve("noise"), noise);
        repository.commit(Map.of("Pulumi.yaml", PROJECT.formatted("r12")));
        world.apply("r12-large", git(world, "r12", ""));
        GitServer.Repository bomb = world.git().create("r12-bomb");
        Files.write(bomb.work().resolve("zeros"), new byte[8 * (int) BadInputsIT.MAX_SOURCE]);
        bomb.commit(Map.of("Pulumi.yaml", PROJECT.formatted("r12")));
        world.apply("r12-bomb", git(world, "r12-bomb", ""));
        return () -> {
            world.stalled("r12-large", Reason.SourceInvalid, BadInputsIT.MAX_SOURCE + " bytes")
                    .check();
            world.stalled("r12-bomb", Reason.SourceInvalid, BadInputsIT.MAX_SOURCE + " bytes")
                    .check();
            assertThat(world.keptFiles("noise", "zeros"))
                    .as("of what was refused")
                    .isEmpty();
        };
    }

    /** Few objects: each tree is in the next one twice. No file of it is ever in a work tree. */
    private static Expectation many(World world) {
        GitServer.Repository repository = world.git().create("r12-many");
        repository.commit(Map.of("Pulumi.yaml", PROJECT.formatted("r12")));
        String tree = repository.git("write-tree").strip();
        for (int i = 0; i < DOUBLINGS; i++) {
            repository.git("read-tree", "--prefix=d" + i + "/", tree);
            tree = repository.git("write-tree").strip();
        }
        repository.git(
                "update-ref",
                "HEAD",
                repository.git("commit-tree", "-m", "many", "-p", "HEAD", tree).strip());
        repository.git("push", "-q", "origin", "HEAD");
        world.apply("r12-many", git(world, "r12-many", ""));
        return world.stalled("r12-many", Reason.SourceInvalid, "more than 50000 files and directories");
    }

    private static Expectation slow(World world) {
        GitServer slow = BadInputsIT.slow();
        world.secret("r13-ca", Map.of("ca.crt", slow.certificate().getBytes(StandardCharsets.UTF_8)));
        world.apply("r13-slow", "project: {git: {url: \"" + slow.url("x") + "\", secretRef: {name: r13-ca}}}");
        return world.waits("r13-slow", Reason.SourceUnavailable, "did not finish within");
    }

    private static Expectation unknownAuthority(World world) {
        world.apply("r14-ca", "project: {git: {url: \"" + world.git().url("r09") + "\"}}");
        return world.stalled("r14-ca", Reason.SourceAuthenticationFailed, "certificate is not trusted");
    }

    /** The repository is there and the key opens it: only the host is not the known one. */
    private static Expectation anotherHostKey(World world) {
        world.git().create("r14").commit(Map.of("Pulumi.yaml", PROJECT.formatted("r14")));
        String url = BadInputsIT.ssh().url(world.git().open("r14").directory());
        world.apply("r14-host", "project: {git: {url: \"" + url + "\", secretRef: {name: ssh}}}");
        return world.stalled("r14-host", Reason.SourceAuthenticationFailed, "host key of localhost");
    }

    /** A Stack's source on the test server. */
    static String git(World world, String repository, String more) {
        return "project: {git: {url: \"" + world.git().url(repository) + "\", secretRef: {name: git}" + more + "}}";
    }
}
