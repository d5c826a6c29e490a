namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>A table found on a page: its rows, and the lines it is made of.</summary>
internal sealed record PdfTable(List<string[]> Rows, HashSet<PdfLine> Lines);

/// <summary>
/// Finds tables by how they look: rows of short pieces side by side, again and again. Columns of running text look alike
/// but their pieces are long, so they are left to the reading order poppler found.
/// </summary>
internal static class PdfTables
{
    private const int CellWordsMax = 4;
    private const float RowGapMax = 2.2f;

    public static List<PdfTable> Find(List<PdfLine> lines)
    {
        var tables = new List<PdfTable>();
        var rows = Rows(lines);
        for (var first = 0; first < rows.Count; first++)
        {
            if (!IsSplit(rows[first]))
                continue;

            var last = first;
            while (last + 1 < rows.Count && Belongs(rows, last + 1, first))
                last++;
            while (last > first && !IsSplit(rows[last]) && !IsWrapped(rows[last], rows, first))
                last--;
            if (Table(rows.GetRange(first, last - first + 1)) is { } table)
                tables.Add(table);
            first = last;
        }

        return tables;
    }

    private static List<List<PdfLine>> Rows(List<PdfLine> lines)
    {
        var rows = new List<List<PdfLine>>();
        foreach (var line in lines.OrderBy(line => line.Top + line.Bottom))
        {
            var row = rows.Count > 0 ? rows[^1] : null;
            // On one row when the middles are closer than half of the smaller letters.
            if (row is not null && Math.Abs(row[0].Top + row[0].Bottom - line.Top - line.Bottom) < Math.Min(row[0].Height, line.Height))
                row.Add(line);
            else
                rows.Add([line]);
        }

        foreach (var row in rows)
            row.Sort((one, other) => one.Left.CompareTo(other.Left));
        return rows;
    }

    private static bool IsSplit(List<PdfLine> row)
    {
        for (var i = 1; i < row.Count; i++)
        {
            if (row[i].Left - row[i - 1].Right < 0.5f * row[i].Height)
                return false;
        }

        return row.Count >= 2;
    }

    private static bool Belongs(List<List<PdfLine>> rows, int index, int first)
    {
        var (row, above) = (rows[index], rows[index - 1]);
        if (row[0].Top - above.Max(line => line.Bottom) > RowGapMax * row[0].Height)
            return false;
        return IsSplit(row) || IsWrapped(row, rows, first);
    }

    // The second line of a long cell: close below its row, starting at a column's edge.
    private static bool IsWrapped(List<PdfLine> row, List<List<PdfLine>> rows, int first) =>
        row.Count == 1 && row[0].Words <= 12 && rows[first].Exists(cell => Math.Abs(cell.Left - row[0].Left) < 3) && Math.Abs(row[0].Left - rows[first][0].Left) > 3;

    private static PdfTable? Table(List<List<PdfLine>> rows)
    {
        var split = rows.Where(IsSplit).ToList();
        if (split.Count < 2)
            return null;

        var words = split.SelectMany(row => row).Select(cell => cell.Words).Order().ToList();
        if (words[words.Count / 2] > CellWordsMax)
            return null;

        var width = split.GroupBy(row => row.Count).OrderByDescending(group => group.Count()).ThenByDescending(group => group.Key).First().Key;
        // Two columns twice can be anything: a letterhead, a signature. Three times is a habit.
        if (width == 2 && split.Count < 3)
            return null;

        var model = split.Where(row => row.Count == width).ToList();
        var columns = Enumerable.Range(0, width).Select(i => (Left: model.Min(row => row[i].Left), Right: model.Max(row => row[i].Right))).ToList();
        var table = new List<string[]>();
        List<PdfLine>? above = null;
        foreach (var row in rows)
        {
            var cells = new string[width];
            Array.Fill(cells, "");
            foreach (var cell in row)
            {
                var column = Nearest(columns, cell);
                cells[column] = cells[column].Length == 0 ? cell.Text : $"{cells[column]} {cell.Text}";
            }

            // Without a first cell and close below: the row above goes on.
            var goesOn = above is not null && cells[0].Length == 0 && row[0].Top - above.Max(line => line.Bottom) < 0.5f * row[0].Height;
            if (goesOn)
                table[^1] = [.. table[^1].Zip(cells, (one, other) => other.Length == 0 ? one : one.Length == 0 ? other : $"{one} {other}")];
            else
                table.Add(cells);
            above = row;
        }

        return new PdfTable(table, new HashSet<PdfLine>(rows.SelectMany(row => row), ReferenceEqualityComparer.Instance));
    }

    private static int Nearest(List<(float Left, float Right)> columns, PdfLine cell)
    {
        var (best, bestDistance) = (0, float.MaxValue);
        for (var i = 0; i < columns.Count; i++)
        {
            var overlap = Math.Min(columns[i].Right, cell.Right) - Math.Max(columns[i].Left, cell.Left);
            if (-overlap < bestDistance)
                (best, bestDistance) = (i, -overlap);
        }

        return best;
    }
}
