using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Intake;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>
/// A disk without room, on a real file system of four megabytes: uploads are refused with that sentence, documents on their way wait and come to rest in quarantine,
/// and with room again everything is brought without a loss. Only root can mount it; elsewhere these are skipped.
/// </summary>
[Trait("proof", "R17")]
public sealed class DiskFullTests(House house) : IClassFixture<House>
{
    private const int Megabyte = 1 << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_loses_nothing_says_so_and_goes_on_when_there_is_room()
    {
        await using var disk = await SmallDisk.Mount(Path.Combine(house.Home, "objects"), 4);
        var collection = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}" }, Ct))).GetProperty("id").GetGuid();

        // One that does not fit is refused; the next one of the same request is taken.
        var report = await Upload(collection, ("large.txt", Words(6 * Megabyte)), ("small.txt", "The lamp is green."));
        Assert.Equal(["refused storage_full", "accepted "], report.Select(Outcome));
        await house.Settled(collection);

        // The original fits, what is read from it does not.
        disk.Fill(leave: 700_000);
        Assert.Equal(["accepted "], (await Upload(collection, ("letter.txt", Words(400_000)))).Select(Outcome));
        var settled = await house.Hurried(collection);
        Assert.Equal((1, 1), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        var reason = (await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/quarantine/reasons?collection={collection}", Ct))).GetProperty("data")[0];
        Assert.Equal("storage_full", reason.GetProperty("errorCode").GetString());
        Assert.StartsWith("The server's disk is full.", reason.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        await house.Database.CountersAreTrue(collection);

        // What is there can be searched, and whoever looks after the server is told.
        disk.Fill(leave: 0);
        Assert.Single((await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/search", new { query = "green lamp", collections = new[] { collection } }, Ct))).GetProperty("hits").EnumerateArray());
        Assert.Equal(["refused storage_full"], (await Upload(collection, ("note.txt", Words(20_000)))).Select(Outcome));
        var health = await House.Json(await house.Ann.Http.GetAsync("/healthz/ready", Ct));
        Assert.Equal("warn", health.GetProperty("checks").GetProperty("disk").GetProperty("status").GetString());

        // A part of a large upload is refused whole and can be sent again.
        var upload = await House.Json(await house.Ann.Http.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/uploads", new { fileName = "parts.txt", sizeBytes = 30_000 }, Ct));
        var part = $"/api/v1/knowledge/uploads/{upload.GetProperty("id").GetGuid()}/parts/1";
        Assert.Equal((507, "storage_full"), await house.Ann.Http.PutAsync(part, new StringContent(Words(30_000)), Ct).Said());

        disk.Empty();
        Assert.Equal(1, (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/quarantine/retry", new { collectionId = collection }, Ct))).GetProperty("retried").GetInt32());
        Assert.Equal(200, (int)(await house.Ann.Http.PutAsync(part, new StringContent(Words(30_000)), Ct)).StatusCode);
        settled = await house.Hurried(collection);
        Assert.Equal((2, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        await house.Database.CountersAreTrue(collection);
        Assert.Empty(Directory.EnumerateFiles(disk.Path, "*.incoming", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_full_disk_is_told_from_other_faults_wherever_it_is()
    {
        Assert.True(FullDisk.Is(new PostgresException("could not extend file", "ERROR", "ERROR", "53100")));
        Assert.True(FullDisk.Is(new InvalidOperationException("while saving", new IOException("no room", 28))));
        Assert.False(FullDisk.Is(new IOException("broken", 5)));
        Assert.False(FullDisk.Is(new PostgresException("deadlock", "ERROR", "ERROR", "40P01")));
    }

    private async Task<List<JsonElement>> Upload(Guid collection, params (string Name, string Text)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, text) in files)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name);
        }

        return [.. (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct))).GetProperty("items").EnumerateArray()];
    }

    private static string Outcome(JsonElement file) =>
        $"{file.GetProperty("status").GetString()} {(file.GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem ? problem.GetProperty("code").GetString() : "")}";

    private static string Words(int characters)
    {
        var text = new StringBuilder(characters + 40);
        for (var n = 0; text.Length < characters; n++)
        {
            text.Append("Line ").Append(n).Append(" speaks of lamps.\n");
        }

        return text.ToString(0, characters);
    }

    /// <summary>A file system of so many megabytes in the memory, mounted over a folder.</summary>
    private sealed class SmallDisk : IAsyncDisposable
    {
        private readonly string _filler;

        private SmallDisk(string path) => (Path, _filler) = (path, System.IO.Path.Combine(path, "filler"));

        public string Path { get; }

        public static async Task<SmallDisk> Mount(string path, int megabytes)
        {
            Directory.CreateDirectory(path);
            var (code, said) = await Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "none", path);
            if (code != 0)
            {
                Assert.Skip($"A file system cannot be mounted here: {said}");
            }

            return new SmallDisk(path);
        }

        /// <summary>Takes all room but this much.</summary>
        public void Fill(long leave)
        {
            Empty();
            var left = new DriveInfo(Path).AvailableFreeSpace - leave;
            using var file = File.Create(_filler);
            var block = new byte[4096];
            for (; left >= block.Length; left -= block.Length)
            {
                file.Write(block);
            }
        }

        public void Empty() => File.Delete(_filler);

        public async ValueTask DisposeAsync() => await Run("umount", "-l", Path);

        private static async Task<(int Code, string Said)> Run(string program, params string[] args)
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!; // an executable was named
            var said = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            return (process.ExitCode, said.Trim());
        }
    }
}
