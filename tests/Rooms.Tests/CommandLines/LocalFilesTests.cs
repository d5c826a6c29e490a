using Lyceum.Host.Cli;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

public sealed class LocalFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lyceum-files-").FullName;

    public LocalFilesTests()
    {
        foreach (var path in new[] { "a.md", "b.pdf", "sub/c.md", "sub/deep/d.pdf", "sub/.hidden.md", ".git/config" })
        {
            var full = Path.Combine(_root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!); // below _root
            File.WriteAllText(full, path);
        }
    }

    [Fact]
    public void A_directory_means_all_below_it_but_what_is_hidden() =>
        Assert.Equal(["a.md", "b.pdf", "sub/c.md", "sub/deep/d.pdf"], Found(_root));

    [Fact]
    public void A_pattern_reaches_as_deep_as_it_says()
    {
        Assert.Equal(["b.pdf", "sub/deep/d.pdf"], Found(Path.Combine(_root, "**/*.pdf")));
        Assert.Equal(["b.pdf"], Found(Path.Combine(_root, "*.pdf")));
    }

    [Fact]
    public void A_file_named_twice_is_sent_once() =>
        Assert.Equal(["sub/c.md"], Found(Path.Combine(_root, "sub/c.md"), Path.Combine(_root, "./sub/../sub/c.md")));

    [Fact]
    public void A_hidden_file_that_is_named_is_meant()
    {
        var file = Assert.Single(LocalFiles.Find([Path.Combine(_root, "sub/.hidden.md")]));
        Assert.True(file.Named);
    }

    [Fact]
    public void A_loop_of_links_ends()
    {
        Directory.CreateSymbolicLink(Path.Combine(_root, "sub/loop"), _root);

        Assert.Equal(4, LocalFiles.Find([_root]).Count);
    }

    [Theory]
    [InlineData("missing.pdf")]
    [InlineData("*.docx")]
    [InlineData("nowhere/*.pdf")]
    public void What_is_not_there_is_not_found(string path) =>
        Assert.Equal(ExitCode.NotFound, Assert.Throws<CommandFailed>(() => LocalFiles.Find([Path.Combine(_root, path)])).ExitCode);

    [Fact]
    public void A_request_has_at_most_so_many_files() =>
        Assert.Equal([20, 20, 5], Batches([.. Enumerable.Repeat(1L, 45)]));

    [Fact]
    public void A_request_has_at_most_so_many_bytes_and_a_large_file_travels_alone() =>
        Assert.Equal([2, 1, 1, 1], Batches(40, 60, 1, 250, 100));

    private static List<int> Batches(params long[] bytes) =>
        [.. LocalFiles.Batches(bytes.Select((length, index) => new LocalFile($"{index}", length, true)), 20, 100).Select(batch => batch.Count)];

    private List<string> Found(params string[] arguments) => [.. LocalFiles.Find(arguments).Select(file => Path.GetRelativePath(_root, file.Path))];

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
