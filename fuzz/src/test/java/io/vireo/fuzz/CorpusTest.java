package io.vireo.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each input that was ever worth keeping, once, without the fuzzer. */
class CorpusTest {
    static final Path FOLDER = Path.of("src/test/corpus");

    static Stream<String> targets() {
        return Targets.ALL.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void finds(String name) throws Exception {
        FuzzTarget target = Targets.make(name);
        List<byte[]> inputs = new ArrayList<>(target.seeds());
        inputs.addAll(new Corpus(FOLDER, name).read());
        assertTrue(!inputs.isEmpty(), "nothing to run");
        for (byte[] input : inputs) {
            try {
                target.run(new Input(input));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("input " + HexFormat.of().formatHex(input), e);
            }
        }
    }

    @Test
    void eachCorpusHasItsTarget() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            Set<String> names = files.map(file -> file.getFileName().toString().replaceAll("\\.hex$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(new TreeSet<>(Targets.ALL.keySet()), names);
        }
    }
}
