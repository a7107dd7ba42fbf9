package dev.vmext.systemtests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents that a table in the code can contradict, do not. */
class DocumentsTest {
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$", Pattern.MULTILINE);

    @Test
    void everyProblemCodeIsDocumentedAndNoOtherIs() throws Exception {
        String page = Files.readString(Repository.ROOT.resolve("docs/reference/problems.md"));
        List<String> documented = new ArrayList<>();
        Matcher heading =
                Pattern.compile("^### `([a-z-]+)`$", Pattern.MULTILINE).matcher(page);
        while (heading.find()) {
            documented.add(heading.group(1));
        }
        List<String> codes =
                Stream.of(ProblemCode.values()).map(ProblemCode::wire).toList();
        assertThat(documented).containsExactlyInAnyOrderElementsOf(codes);
        for (ProblemCode code : ProblemCode.values()) {
            assertThat(page)
                    .as(code.wire())
                    .contains("### `" + code.wire() + "`\n\n" + code.title() + ". HTTP " + code.httpStatus()
                            + ", exit code " + code.exitCode().number() + ",");
        }
    }

    @Test
    void everyLinkInADocumentLeadsSomewhere() throws Exception {
        List<String> broken = new ArrayList<>();
        int checked = 0;
        for (Path page : pages()) {
            String text = Files.readString(page).replaceAll("(?s)```.*?```", "");
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                String target = link.group(1);
                if (target.startsWith("http:") || target.startsWith("https:") || target.startsWith("mailto:")) {
                    continue;
                }
                checked++;
                if (!leadsSomewhere(page, target)) {
                    broken.add(Repository.ROOT.relativize(page) + " -> " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(checked).as("links looked at").isGreaterThan(5);
    }

    private static boolean leadsSomewhere(Path page, String target) throws Exception {
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        Path to = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(to)) {
            return false;
        }
        if (hash < 0 || !to.toString().endsWith(".md")) {
            return true;
        }
        String wanted = target.substring(hash + 1);
        Matcher heading = HEADING.matcher(Files.readString(to));
        while (heading.find()) {
            if (anchor(heading.group(1)).equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    /** How forges make an anchor of a heading. */
    private static String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{Alnum} _-]", "")
                .replace(' ', '-');
    }

    private static List<Path> pages() throws Exception {
        try (Stream<Path> all = Files.walk(Repository.ROOT)) {
            return all.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/node_modules/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
    }
}
