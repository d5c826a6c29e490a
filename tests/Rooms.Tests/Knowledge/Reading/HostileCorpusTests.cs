using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lyceum.Knowledge.Reading;
using Lyceum.Rooms.Tests.Isolation;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>
/// R23: good files of every format, damaged in every way that is cheap to make: bits turned, cut off, pieces of another file put in, pieces
/// doubled, filled with zeros, parts of an archive exchanged. Whatever comes of it is a text or a refusal; no reader of ours crashes and none hangs.
/// </summary>
public sealed class HostileCorpusTests : IDisposable
{
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(20);

    private readonly Files _files = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public Task A_few_damaged_files_of_every_format_end_in_an_answer() => Read(3, seed: 23);

    [Fact]
    [Trait("pace", "slow")]
    public async Task Six_hundred_and_more_damaged_files_end_in_an_answer()
    {
        var watch = Stopwatch.StartNew();
        var (files, crashed, slowest) = await Read(45, seed: 2026);
        await Proofs.Held("R23", "good files of every format damaged at random: each ends in a text or a refusal, in time", watch.Elapsed,
            ("files", files), ("programs beside the reader that died of one and were told as a refusal", crashed), ("slowest, seconds", Math.Round(slowest.TotalSeconds, 1)));
    }

    [Fact]
    public async Task Text_of_the_good_files_is_what_the_reference_tools_find()
    {
        foreach (var (name, content) in Samples.Made().Where(file => file.Name.EndsWith(".pdf", StringComparison.Ordinal)))
        {
            using var poppler = Process.Start(new ProcessStartInfo("pdftotext", [_files.Write(name, content), "-"]) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("pdftotext did not start.");
            var reference = Words(await poppler.StandardOutput.ReadToEndAsync(Ct));
            var ours = Words(string.Join(' ', (await _files.Text(name, content)).Pages.Select(page => page.Text)));
            Assert.True(reference.Count(ours.Contains) >= reference.Count * 0.95, $"{name}: {reference.Count(ours.Contains)} of {reference.Count} words");
        }
    }

    private async Task<(int Files, int Crashed, TimeSpan Slowest)> Read(int each, int seed)
    {
        var seeds = await Seeds();
        var outcomes = new ConcurrentDictionary<string, int>();
        var slowest = TimeSpan.Zero;
        foreach (var (name, whole) in seeds)
        {
            for (var i = 0; i < each; i++)
            {
                var random = new Random((seed * 100_000) + (i * 100) + name.Length);
                var bytes = Damaged(whole, seeds[random.Next(seeds.Count)].Content, random);
                var watch = Stopwatch.StartNew();
                var outcome = await _files.Read(name, bytes, new ReadLimits { WallTime = HangsAfter, OcrTime = HangsAfter });
                slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
                var said = outcome.Refusal?.Code ?? "read";
                outcomes.AddOrUpdate($"{Path.GetExtension(name)} {said}", 1, (_, n) => n + 1);
                // Poppler, pandoc and tesseract may die of a file, and only they: it is told as a refusal like any other.
                Assert.True(said is not "reader_crashed" || Path.GetExtension(name) is ".pdf" or ".rtf" or ".png", string.Create(CultureInfo.InvariantCulture, $"{name} damaged with seed {seed}, number {i}, made its reader crash."));
                Assert.True(watch.Elapsed < 3 * HangsAfter, string.Create(CultureInfo.InvariantCulture, $"{name} damaged with seed {seed}, number {i}, took {watch.Elapsed}."));
                Assert.True(outcome.IsRead ? outcome.Text.Pages.Any(page => page.Text.Length > 0) : outcome.Refusal.Message.EndsWith('.'));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{seeds.Count * each} files, the slowest took {slowest.TotalSeconds:0.0} s: {string.Join(", ", outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key} {o.Value}"))}");
        return (seeds.Count * each, outcomes.Where(o => o.Key.EndsWith(" reader_crashed", StringComparison.Ordinal)).Sum(o => o.Value), slowest);
    }

    private async Task<List<(string Name, byte[] Content)>> Seeds()
    {
        var seeds = Samples.Made().ToList();
        seeds.AddRange(Directory.EnumerateFiles(Path.Combine(Files.Repository(), "samples")).Where(file => Path.GetExtension(file) is ".html" or ".csv" or ".md" or ".json").Select(file => (Path.GetFileName(file), File.ReadAllBytes(file))));
        seeds.Add(("notes.txt", "Plain words.\n\nAnd more of them, ünïcode too."u8.ToArray()));
        seeds.Add(("rules.rtf", Encoding.ASCII.GetBytes(MoreSamples.Rtf)));
        seeds.Add(("rules.odt", MoreSamples.Odt()));
        seeds.Add(("rules.epub", MoreSamples.Epub()));
        seeds.Add(("letter.eml", MoreSamples.Email()));
        seeds.Add(("old.doc", OleMaker.Make("WordDocument", "1Table")));
        var picture = _files.Write("picture", new PdfMaker("x").NewPage().Paragraph("Words on paper.").Make());
        using (var poppler = Process.Start("pdftoppm", ["-png", "-r", "60", "-singlefile", picture, picture]) ?? throw new InvalidOperationException("pdftoppm did not start."))
        {
            await poppler.WaitForExitAsync(Ct);
        }

        seeds.Add(("photo.png", await File.ReadAllBytesAsync($"{picture}.png", Ct)));
        return seeds;
    }

    private static byte[] Damaged(byte[] whole, byte[] other, Random random)
    {
        var bytes = whole.ToArray();
        for (var times = random.Next(1, 4); times > 0 && bytes.Length > 8; times--)
        {
            var (at, length) = (random.Next(bytes.Length), random.Next(1, Math.Max(2, bytes.Length / 4)));
            bytes = random.Next(7) switch
            {
                0 => Flip(bytes, random, random.Next(1, 60)),
                1 => bytes[..Math.Max(1, at)],
                2 => [.. bytes[..at], .. other.AsSpan(0, Math.Min(length, other.Length)), .. bytes[at..]],
                3 => [.. bytes[..at], .. bytes[at..Math.Min(bytes.Length, at + length)], .. bytes[at..]],
                4 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + length)..]],
                5 => [.. bytes[..at], .. new byte[Math.Min(length, bytes.Length - at)], .. bytes[Math.Min(bytes.Length, at + length)..]],
                _ => Exchanged(bytes, random),
            };
        }

        return bytes;
    }

    private static byte[] Flip(byte[] bytes, Random random, int times)
    {
        for (; times > 0; times--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    // In an archive the parts are damaged and packed again, so that what is inside is met and not only the wrapping.
    private static byte[] Exchanged(byte[] bytes, Random random)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            var parts = new List<(string, byte[])>();
            foreach (var entry in zip.Entries.Take(200))
            {
                using var stream = entry.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                var part = content.ToArray();
                parts.Add((entry.FullName, part.Length > 0 && random.Next(3) == 0 ? (random.Next(2) == 0 ? Flip(part, random, 8) : part[..random.Next(part.Length)]) : part));
            }

            return ZipMaker.Make(CompressionLevel.NoCompression, parts);
        }
        catch (Exception noArchive) when (noArchive is InvalidDataException or EndOfStreamException or IOException or NotSupportedException or ArgumentException)
        {
            return Flip(bytes, random, 20);
        }
    }

    private static HashSet<string> Words(string text) =>
        [.. text.Split([' ', '\n', '\f', '\t', '|'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', ';', ':', '(', ')', '-', '•', '*').ToLowerInvariant()).Where(word => word.Length > 2)];
}
