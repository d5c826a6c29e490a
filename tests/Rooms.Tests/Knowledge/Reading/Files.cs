using System.Text;
using Xunit;
using Lyceum.Knowledge.Reading;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

/// <summary>A folder for one test's files, and the reader that reads them as the product does.</summary>
public sealed class Files : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lyceum-test-");

    internal static DocumentReader Reader { get; } = new(ReaderCommand.ThisProgram(), NullLogger<DocumentReader>.Instance);

    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Lyceum.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("These tests run inside the repository.");
    }

    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.CreateVersion7():N}-{name}");
        File.WriteAllBytes(path, content);
        return path;
    }

    internal Task<ReadOutcome> Read(string name, byte[] content, ReadLimits? limits = null) =>
        Reader.Read(Write(name, content), name, limits ?? new ReadLimits(), TestContext.Current.CancellationToken);

    internal Task<ReadOutcome> Read(string name, string content, ReadLimits? limits = null) =>
        Read(name, Encoding.UTF8.GetBytes(content), limits);

    internal async Task<ExtractedText> Text(string name, byte[] content, ReadLimits? limits = null)
    {
        var outcome = await Read(name, content, limits);
        Assert.True(outcome.IsRead, outcome.Refusal?.Message);
        return outcome.Text;
    }

    internal Task<ExtractedText> Text(string name, string content, ReadLimits? limits = null) =>
        Text(name, Encoding.UTF8.GetBytes(content), limits);

    internal async Task<Refusal> Refusal(string name, byte[] content, ReadLimits? limits = null)
    {
        var outcome = await Read(name, content, limits);
        Assert.False(outcome.IsRead, "it was read");
        // A person reads this: it says what to do, in whole sentences.
        Assert.EndsWith(".", outcome.Refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", outcome.Refusal.Message, StringComparison.Ordinal);
        return outcome.Refusal;
    }

    internal Task<Refusal> Refusal(string name, string content, ReadLimits? limits = null) =>
        Refusal(name, Encoding.UTF8.GetBytes(content), limits);

    /// <summary>Text and blocks in a form that is easy to compare and to read.</summary>
    internal static string Show(ExtractedText text)
    {
        var shown = new StringBuilder();
        foreach (var page in text.Pages)
        {
            if (page.Number is not null || page.Name is not null)
                shown.Append('[').Append(string.Join(' ', new[] { page.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture), page.Name }.Where(part => part is not null))).Append("]\n");
            foreach (var block in page.Blocks)
                shown.Append(block.Kind.ToString().ToLowerInvariant()).Append(block.Level > 0 ? block.Level.ToString(System.Globalization.CultureInfo.InvariantCulture) : "").Append(": ").Append(page.Text[block.Start..block.End]).Append('\n');
        }

        return shown.ToString();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
