namespace Lyceum.Knowledge.Splitting;

/// <summary>Places where a chunk must end, by page, in order. Where the text between two of them is blank, they count as one.</summary>
internal sealed class Cuts
{
    public static readonly Cuts None = new();

    private readonly Dictionary<int, List<int>> _pages = [];

    public void Add(int page, int at)
    {
        var places = _pages.TryGetValue(page, out var known) ? known : _pages[page] = [];
        if (places.Count == 0 || places[^1] < at)
            places.Add(at);
    }

    /// <summary>Whether one lies in [from, to).</summary>
    public bool Between(int page, int from, int to) => Next(page, from) < to;

    /// <summary>The first at or after a place; the end of all numbers when there is none.</summary>
    public int Next(int page, int from)
    {
        if (!_pages.TryGetValue(page, out var places))
            return int.MaxValue;

        var found = places.BinarySearch(from);
        found = found < 0 ? ~found : found;
        return found < places.Count ? places[found] : int.MaxValue;
    }
}
