using System.Text;

namespace Lyceum.Knowledge;

/// <summary>What stands around a found passage: its section, or so many passages before and after it. Pure.</summary>
internal static class Surroundings
{
    /// <summary>Passages a section has at most; with the usual size a section is then about 1,500 tokens.</summary>
    public const int SectionLength = 6;

    /// <summary>The section a passage belongs to: passages of one revision under the same headings, in blocks of six. Each passage is in exactly one.</summary>
    public static (Guid Revision, int Block, string Headings) SectionOf(ChunkPlace place) => (place.RevisionId, place.Index / SectionLength, string.Join('\n', place.Headings));

    /// <summary>The first of each section, in the order given.</summary>
    public static IReadOnlyList<Guid> OnePerSection(IReadOnlyList<Guid> order, IReadOnlyDictionary<Guid, ChunkPlace> places)
    {
        var seen = new HashSet<(Guid, int, string)>();
        return [.. order.Where(id => places.TryGetValue(id, out var place) && seen.Add(SectionOf(place)))];
    }

    /// <summary>The section around a passage, put together from <paramref name="nearby"/>, which is in reading order.</summary>
    public static ParentPassage Section(ChunkPlace hit, IReadOnlyList<ChunkPlace> nearby)
    {
        var section = SectionOf(hit);
        var (first, last) = (hit, hit);
        var own = nearby.Where(p => p.RevisionId == hit.RevisionId && SectionOf(p) == section).ToDictionary(p => p.Index);
        while (own.TryGetValue(first.Index - 1, out var before))
        {
            first = before;
        }

        while (own.TryGetValue(last.Index + 1, out var after))
        {
            last = after;
        }

        return new ParentPassage(
            Join([.. own.Values.Where(p => p.Index >= first.Index && p.Index <= last.Index).OrderBy(p => p.Index)]), first.Index, last.Index,
            first.Start, first.Page == last.Page ? Math.Max(first.Start, last.End) : first.End);
    }

    /// <summary>Texts one after the other; what a passage repeats of the one before is said once.</summary>
    internal static string Join(IReadOnlyList<ChunkPlace> places)
    {
        var text = new StringBuilder();
        ChunkPlace? before = null;
        foreach (var place in places)
        {
            var overlap = before is not null && before.Page == place.Page ? Math.Clamp(before.End - place.Start, 0, Math.Min(place.Text.Length, before.Text.Length)) : 0;
            if (overlap > 0 && before!.Text.EndsWith(place.Text[..overlap], StringComparison.Ordinal)) // not null where there is an overlap
            {
                text.Append(place.Text, overlap, place.Text.Length - overlap);
            }
            else
            {
                text.Append(before is null ? "" : "\n").Append(place.Text);
            }

            before = place;
        }

        return text.ToString();
    }
}
