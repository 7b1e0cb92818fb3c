package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackScanTest {

    private static final int IN_MEMORY = 1000;
    private static final int STRUCTURE = 400;
    private static final int FILE = 100_000;
    private static final PackLimits LIMITS = new PackLimits(10, FILE, IN_MEMORY, STRUCTURE, 300_000);

    @TempDir
    Path folder;

    @Test
    void whatServersSendIsTaken() {
        // given
        Packs pack = new Packs(6);
        pack.whole(Packs.COMMIT, 200);
        pack.whole(Packs.TREE, STRUCTURE);
        pack.whole(Packs.BLOB, FILE);
        pack.whole(Packs.BLOB, 0);
        int base = pack.whole(Packs.BLOB, 300);
        pack.offsetDelta(base, 300, 1);

        // when, then
        assertThatCode(() -> scan(pack.bytes())).doesNotThrowAnyException();
    }

    /** JGit makes an array of as many as are announced, before the first one is there. */
    @Test
    void moreObjectsThanAreTakenNeedNotBeThere() {
        assertThatThrownBy(() -> scan(new Packs(0x7fffff00).bytes()))
                .isInstanceOf(PackTooLargeException.class)
                .hasMessage("2147483392 objects, where at most 10 are accepted");
        assertThatThrownBy(() -> scan(new Packs(-1).bytes())).isInstanceOf(PackTooLargeException.class);
    }

    /** JGit makes an array for it. */
    @Test
    void aDirectoryOrCommitIsToFitIntoMemoryAndNeedNotBeThere() {
        for (int type : new int[] {Packs.COMMIT, Packs.TREE}) {
            Packs pack = new Packs(1);
            pack.whole(type, STRUCTURE + 1, 0);
            assertThatThrownBy(() -> scan(pack.bytes())).isInstanceOf(PackTooLargeException.class);
        }
    }

    /** Whole or by differences, and also by some that may be of anything. */
    @Test
    void whatMayBeADirectoryIsSmallerThanAFile() {
        // given
        Packs ofFile = new Packs(2);
        ofFile.offsetDelta(ofFile.whole(Packs.BLOB, 10), 10, IN_MEMORY);
        Packs ofDirectory = new Packs(3);
        int directory = ofDirectory.whole(Packs.TREE, 10);
        ofDirectory.offsetDelta(ofDirectory.offsetDelta(directory, 10, STRUCTURE), STRUCTURE, STRUCTURE + 1);
        Packs ofAny = new Packs(1);
        ofAny.nameDelta(10, STRUCTURE + 1);

        // when, then
        assertThatCode(() -> scan(ofFile.bytes())).doesNotThrowAnyException();
        assertThatThrownBy(() -> scan(ofDirectory.bytes())).isInstanceOf(PackTooLargeException.class);
        assertThatThrownBy(() -> scan(ofAny.bytes())).isInstanceOf(PackTooLargeException.class);
    }

    @Test
    void aFileMayBeLargerButNotByAnyAmount() {
        // given
        Packs pack = new Packs(1);
        pack.whole(Packs.BLOB, FILE + 1);

        // when, then
        assertThatThrownBy(() -> scan(pack.bytes()))
                .isInstanceOf(PackTooLargeException.class)
                .hasMessage("a file or directory of 100001 bytes, where at most 100000 bytes are accepted");
    }

    @Test
    void whatADeltaIsMadeOfAndWhatComesOfItAreToFitIntoMemory() {
        // given
        Packs largeBase = new Packs(2);
        largeBase.offsetDelta(largeBase.whole(Packs.BLOB, IN_MEMORY + 1), 5, 1);
        Packs chain = new Packs(3);
        int small = chain.whole(Packs.BLOB, 10);
        chain.offsetDelta(chain.offsetDelta(small, 10, IN_MEMORY + 1), 5, 1);
        Packs largeResult = new Packs(2);
        largeResult.offsetDelta(largeResult.whole(Packs.BLOB, 10), 10, IN_MEMORY + 1);
        Packs byName = new Packs(2);
        byName.whole(Packs.BLOB, IN_MEMORY + 1);
        byName.nameDelta(10, 10);

        // when, then
        for (Packs pack : new Packs[] {largeBase, chain, largeResult, byName}) {
            assertThatThrownBy(() -> scan(pack.bytes())).isInstanceOf(PackTooLargeException.class);
        }
    }

    @Test
    void aDeltaByNameOfSomethingSmallIsTaken() {
        // given
        Packs pack = new Packs(2);
        pack.whole(Packs.BLOB, IN_MEMORY);
        pack.nameDelta(10, 10);

        // when, then
        assertThatCode(() -> scan(pack.bytes())).doesNotThrowAnyException();
    }

    /** Each object is kept until the last one is made that is made of it. */
    @Test
    void aChainThatBranchesAtEachLinkIsToFitIntoMemoryAsAWhole() {
        // given
        Packs pack = new Packs(9);
        int link = pack.whole(Packs.BLOB, IN_MEMORY);
        List<Integer> links = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            links.add(link);
            link = pack.offsetDelta(link, IN_MEMORY, IN_MEMORY);
        }
        links.forEach(branch -> pack.offsetDelta(branch, IN_MEMORY, 1));

        // when, then
        assertThatThrownBy(() -> scan(pack.bytes()))
                .isInstanceOf(PackTooLargeException.class)
                .hasMessageContaining("differences that take")
                .hasMessageContaining("at most 3000 bytes");
    }

    /** The same objects: none is needed any more when the next one is there. */
    @Test
    void aChainThatBranchesBeforeItGoesOnIsTaken() {
        // given
        Packs pack = new Packs(9);
        int link = pack.whole(Packs.BLOB, IN_MEMORY);
        for (int i = 0; i < 4; i++) {
            pack.offsetDelta(link, IN_MEMORY, 1);
            link = pack.offsetDelta(link, IN_MEMORY, IN_MEMORY);
        }

        // when, then
        assertThatCode(() -> scan(pack.bytes())).doesNotThrowAnyException();
    }

    /** The longest one that Git makes. */
    @Test
    void aLongChainIsTaken() {
        // given
        Packs pack = new Packs(51);
        int link = pack.whole(Packs.BLOB, IN_MEMORY);
        for (int i = 0; i < 50; i++) {
            link = pack.offsetDelta(link, IN_MEMORY, IN_MEMORY);
        }

        // when, then
        assertThatCode(() -> scan(pack.bytes(), 51)).doesNotThrowAnyException();
    }

    @Test
    void aChainThatBranchesIsTakenWhenItsObjectsAreSmall() {
        // given
        Packs pack = new Packs(101);
        int link = pack.whole(Packs.BLOB, 20);
        List<Integer> links = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            links.add(link);
            link = pack.offsetDelta(link, 20, 20);
        }
        links.forEach(branch -> pack.offsetDelta(branch, 20, 20));

        // when, then
        assertThatCode(() -> scan(pack.bytes(), 101)).doesNotThrowAnyException();
    }

    /** They may be one chain with branches, whatever their order. */
    @Test
    void whatIsMadeByNameIsToFitIntoMemoryAsAWhole() {
        // given
        Packs many = new Packs(9);
        many.whole(Packs.BLOB, IN_MEMORY);
        Packs few = new Packs(4);
        few.whole(Packs.BLOB, IN_MEMORY);
        for (int i = 0; i < 8; i++) {
            many.nameDelta(10, STRUCTURE);
        }
        for (int i = 0; i < 3; i++) {
            few.nameDelta(10, STRUCTURE);
        }

        // when, then
        assertThatThrownBy(() -> scan(many.bytes())).isInstanceOf(PackTooLargeException.class);
        assertThatCode(() -> scan(few.bytes())).doesNotThrowAnyException();
    }

    @Test
    void allTogetherIsLimitedWhateverItIsCompressedTo() {
        // given
        Packs pack = new Packs(4);
        for (int i = 0; i < 4; i++) {
            pack.whole(Packs.BLOB, FILE);
        }
        assertThat(pack.bytes().length).isLessThan(2000);

        // when, then
        assertThatThrownBy(() -> scan(pack.bytes()))
                .isInstanceOf(PackTooLargeException.class)
                .hasMessageContaining("300000 bytes");
    }

    @Test
    void whatIsNoPackIsRefused() {
        // given
        Packs longer = new Packs(1);
        longer.whole(Packs.BLOB, 10, 20);
        Packs shorter = new Packs(1);
        shorter.whole(Packs.BLOB, 20, 10);
        Packs nowhere = new Packs(2);
        nowhere.offsetDelta(nowhere.whole(Packs.BLOB, 10) + 1, 10, 10);
        Packs early = new Packs(2);
        early.whole(Packs.BLOB, 500);
        byte[] other = early.bytes();
        other[0] = 'p';

        // when, then
        for (byte[] bytes : new byte[][] {
            longer.bytes(), shorter.bytes(), nowhere.bytes(), early.bytes(), other, {}, Arrays.copyOf(early.bytes(), 14)
        }) {
            assertThatThrownBy(() -> scan(bytes)).isInstanceOf(IOException.class);
        }
    }

    /** Its distance takes one byte, or two, or three. */
    @Test
    void aBaseIsFoundHoweverFarBeforeItIs() {
        for (int between : new int[] {0, 5, 6, 1000, 1100}) {
            // given
            Packs pack = new Packs(between + 2);
            int base = pack.whole(Packs.BLOB, 5);
            for (int i = 0; i < between; i++) {
                pack.whole(Packs.BLOB, 50);
            }
            pack.offsetDelta(base, 5, 1);

            // when, then
            assertThatCode(() -> PackScan.check(
                            Files.write(folder.resolve("pack"), pack.bytes()),
                            new PackLimits(between + 2, FILE, IN_MEMORY, STRUCTURE, 1 << 20)))
                    .doesNotThrowAnyException();
        }
    }

    private void scan(byte[] pack) throws IOException {
        scan(pack, LIMITS.objects());
    }

    private void scan(byte[] pack, int objects) throws IOException {
        PackScan.check(
                Files.write(folder.resolve("pack"), pack),
                new PackLimits(objects, LIMITS.object(), LIMITS.inMemory(), LIMITS.structure(), LIMITS.total()));
    }
}
