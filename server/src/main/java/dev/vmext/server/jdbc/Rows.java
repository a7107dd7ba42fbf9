package dev.vmext.server.jdbc;

/** What the number of changed rows of a conditional write means. */
final class Rows {
    private Rows() {}

    /** One: done. None: the row was not as expected, which somebody else may cause. More: the statement is wrong. */
    static boolean changedOne(int rows) {
        if (rows > 1) {
            throw new IllegalStateException("a write of one row changed " + rows);
        }
        return rows == 1;
    }
}
