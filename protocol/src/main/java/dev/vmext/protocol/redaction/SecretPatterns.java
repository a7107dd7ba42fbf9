package dev.vmext.protocol.redaction;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Texts that look like secrets whoever wrote them: private keys, bearer tokens, passwords in addresses and assignments. The second net
 * below redaction by value; it takes out too much rather than too little. Pure.
 */
public final class SecretPatterns {
    private static final String BLACK = "[redacted]";

    private record Rule(Pattern pattern, String replacement) {
        private Rule(String pattern, String replacement) {
            this(Pattern.compile(pattern), replacement);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule("(?s)-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \\1-----|\\z)", "[redacted private key]"),
            new Rule("(?i)\\b(authorization\\s*[:=]\\s*)(?:\\w+ )?\\S+", "$1" + BLACK),
            new Rule("(?i)\\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}", "$1 " + BLACK),
            new Rule("([a-z][a-z0-9+.-]*://[^/\\s:@]{1,100}):[^/\\s@]{1,200}@", "$1:" + BLACK + "@"),
            new Rule(
                    "(?i)([\\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\\w.-]*[\"']?\\s*[:=]\\s*)"
                            + "(?:\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s,;}\"']+)",
                    "$1" + BLACK),
            new Rule("(?i)(--?[\\w-]*(?:password|passwd|secret|token|key)[ =])(?!\\[)\\S+", "$1" + BLACK),
            new Rule("\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b", BLACK),
            new Rule("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}", BLACK),
            new Rule("(\"(?:protectedSettings|cms)\"\\s*:\\s*\")[^\"]*", "$1" + BLACK));

    private SecretPatterns() {}

    /** The text without what looks like a secret. */
    public static String redact(String text) {
        String shown = text;
        for (Rule rule : RULES) {
            shown = rule.pattern().matcher(shown).replaceAll(rule.replacement());
        }
        return shown;
    }
}
