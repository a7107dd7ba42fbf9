package dev.vmext.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Repository;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/reference/conformance.md and the tests say the same. */
class ConformanceTableTest {
    private static final List<Class<?>> TESTS =
            List.of(CommandsIT.class, FilesAndNamesIT.class, LifecycleRowsIT.class, ManifestIT.class, StatusIT.class);
    private static final Pattern LINE =
            Pattern.compile("^\\| (1\\.[0-9]+-[A-Za-z0-9-]+) \\|[^|]*\\| ([^|]*) \\|.*$", Pattern.MULTILINE);
    private static final Pattern TEST = Pattern.compile("`([A-Za-z]+#[A-Za-z]+)`");

    private static Map<String, String> table() throws Exception {
        Map<String, String> rows = new TreeMap<>();
        Matcher line = LINE.matcher(Files.readString(Repository.ROOT.resolve("docs/reference/conformance.md")));
        while (line.find()) {
            assertThat(rows.put(line.group(1), line.group(2))).as(line.group(1)).isNull();
        }
        return rows;
    }

    @Test
    void everyRowIsHeldByTheTestsThatItNamesAndByNoOther() throws Exception {
        TreeMap<String, TreeSet<String>> held = new TreeMap<>();
        for (Class<?> test : TESTS) {
            for (Method method : test.getDeclaredMethods()) {
                Row row = method.getAnnotation(Row.class);
                for (String id : row == null ? new String[0] : row.value()) {
                    held.computeIfAbsent(id, same -> new TreeSet<>())
                            .add(test.getSimpleName() + "#" + method.getName());
                }
            }
        }
        TreeMap<String, TreeSet<String>> written = new TreeMap<>();
        table().forEach((id, by) -> {
            Matcher test = TEST.matcher(by);
            while (test.find()) {
                written.computeIfAbsent(id, same -> new TreeSet<>()).add(test.group(1));
            }
        });
        assertThat(held).isEqualTo(written);
    }

    @Test
    void everyTestOfThisPackageIsLookedAt() throws Exception {
        List<String> names = new ArrayList<>();
        try (var files =
                Files.list(Repository.ROOT.resolve("system-tests/src/test/java/dev/vmext/systemtests/conformance"))) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("IT.java"))
                    .forEach(name -> names.add(name.substring(0, name.length() - 5)));
        }
        assertThat(TESTS).extracting(Class::getSimpleName).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void everySectionOfTheContractHasRows() throws Exception {
        for (int section = 1; section <= 18; section++) {
            String prefix = "1." + section + "-";
            assertThat(table().keySet()).as(prefix).anyMatch(id -> id.startsWith(prefix));
        }
        assertThat(table()).hasSizeGreaterThan(100);
    }
}
