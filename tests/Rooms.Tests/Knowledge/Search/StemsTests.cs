using Lyceum.Knowledge;
using NpgsqlTypes;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Search;

/// <summary>Stems are numbered and weighed in the process when chunks are published, and in SQL when they are searched: both must say the same.</summary>
public sealed class StemsTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly Guid Collection = Guid.Parse("0198f000-0000-7000-8000-0000000000c1");

    [Fact]
    public async Task A_stem_has_the_same_number_in_the_process_and_in_SQL()
    {
        var random = new Random(11);
        string[] stems = [.. Enumerable.Range(0, 2000).Select(n => string.Concat(Enumerable.Range(0, 1 + (n % 40)).Select(_ => "abcxyz09äß語🙂"[random.Next(11)])))];
        var known = await database.Db.Many($"select knowledge.term_number({Collection}, s) from unnest({stems}) with ordinality as u(s, n) order by n", row => row.Get<int>(), TestContext.Current.CancellationToken);
        var numbers = new Stems(Collection);
        Assert.Equal(known, stems.Select(numbers.Number));
        Assert.True(known.Distinct().Count() > 1900);
    }

    [Theory]
    [InlineData("The quick brown foxes jumped over the lazy dog, and over another dog, and over one more dog.", 7f)]
    [InlineData("", 1f)]
    [InlineData("Größenordnungen — 12,5 % of AB-1234/7 at user@example.com", 250f)]
    public async Task A_chunk_weighs_the_same_in_the_process_and_in_SQL(string text, float average)
    {
        var ct = TestContext.Current.CancellationToken;
        var stems = new Stems(Collection).Of(Guid.Empty, await database.Db.One($"select to_tsvector('english', {text})", row => row.Get<NpgsqlTsVector>(), ct));
        var known = await database.Db.One(
            $$"""
            select knowledge.term_numbers({{Collection}}, t), knowledge.term_total(t),
              coalesce((select max(abs(a.w - b.w)) from unnest({{stems.Numbers}}) with ordinality n(term, at)
                cross join lateral (select -(knowledge.term_weights({{Collection}}, t, knowledge.term_total(t), {{average}}) <#> ('{' || term || ':1}/536870912')::sparsevec) as w) a
                cross join lateral (select -(sent.w <#> ('{' || term || ':1}/536870912')::sparsevec) as w) b), 0)
            from (select to_tsvector('english', {{text}}) as t) x, lateral (select {{Text(stems.Weights(average))}}::sparsevec as w) sent
            """,
            row => (Numbers: row.Get<int[]>(), Total: row.Get<int>(), Apart: row.Get<double>()), ct);
        Assert.Equal(known.Numbers, stems.Numbers);
        Assert.Equal(known.Total, stems.Total);
        Assert.True(known.Apart < 1e-6, $"Weights differ by {known.Apart}.");
    }

    // The binary form in words, as sparsevec_in reads it.
    private static string Text(byte[] binary)
    {
        int At(int word) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(binary.AsSpan(word * 4));
        var count = At(1);
        return $"{{{string.Join(',', Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{At(3 + i) + 1}:{BitConverter.Int32BitsToSingle(At(3 + count + i))}")))}}}/{At(0)}";
    }
}
