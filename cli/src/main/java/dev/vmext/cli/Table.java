package dev.vmext.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell. Control characters of outside text are made harmless. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(List.of(headings));
    }

    Table row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(clean(String.valueOf(cell)));
        }
        rows.add(row);
        return this;
    }

    void print(PrintStream out) {
        for (String line : lines()) {
            out.println(line);
        }
    }

    List<String> lines() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = row.get(i);
                line.append(cell);
                if (i < columns - 1) {
                    line.repeat(' ', widths[i] - cell.length() + 2);
                }
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Text from a machine or handler must not move the cursor or break the table. */
    static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? ' ' : c);
        }
        return clean.toString();
    }

    /** Like {@link #clean}, but keeps line ends and tabs: for output that is shown as a block. */
    static String cleanBlock(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) && c != '\n' && c != '\t' ? ' ' : c);
        }
        return clean.toString();
    }
}
