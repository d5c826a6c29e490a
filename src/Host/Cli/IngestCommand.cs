using System.Net.Http.Headers;
using Spectre.Console;

namespace Lyceum.Host.Cli;

/// <summary>What the person asked `lyceum ingest` to do.</summary>
internal sealed record IngestWish(IReadOnlyList<string> Paths, string Collection, bool Create, bool Wait, TimeSpan Patience);

/// <summary>Sends files in batches and, when asked, waits until each is indexed or has failed.</summary>
internal sealed class IngestCommand(ApiClient api, Terminal terminal, TimeProvider time)
{
    private const int FilesInRequestMax = 20;
    private const long BytesInRequestMax = 100_000_000;
    private const int AskedAtOnce = 16;

    private sealed class Sent(string name, Guid? document, string status, string? error)
    {
        public string Name => name;
        public Guid? Document => document;
        public string Status { get; set; } = status;
        public string? Error { get; set; } = error;
        public int Progress { get; set; }
        public bool Waits => document is not null && Status is not ("indexed" or "failed" or "skipped");
    }

    public async Task<int> Run(IngestWish wish, CancellationToken ct)
    {
        var files = LocalFiles.Find(wish.Paths);
        var collection = wish.Create
            ? await Collections.Find(api, wish.Collection, ct) ?? await Collections.Create(api, wish.Collection, wish.Collection, null, ct)
            : await Collections.Require(api, wish.Collection, ct);
        var limits = await api.Get("api/v1/knowledge/limits", CliJson.Default.LimitsBody, ct);
        var sent = new List<Sent>();
        var inTime = true;
        if (terminal.Watched)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            await console.Progress().HideCompleted(false).StartAsync(async progress =>
            {
                var sending = progress.AddTask("Sending", maxValue: Math.Max(1, files.Sum(file => file.Bytes)));
                await Send(files, collection, limits, sent, bytes => sending.Increment(bytes), ct);
                sending.Value = sending.MaxValue;
                if (wish.Wait)
                {
                    var indexing = progress.AddTask("Indexing", maxValue: Math.Max(1, sent.Count * 100));
                    inTime = await Wait(sent, wish.Patience, () => indexing.Value = Done(sent), ct);
                }
            });
        }
        else
        {
            await Send(files, collection, limits, sent, _ => { }, ct);
            inTime = !wish.Wait || await Wait(sent, wish.Patience, () => { }, ct);
        }

        var report = Report(sent);
        await terminal.Document(report, CliJson.Printed.IngestReport);
        foreach (var document in report.Documents.Where(document => document.Error is not null))
        {
            await terminal.Line($"{document.Status,-9} {Terminal.Clean(document.Name)}: {Terminal.Clean(document.Error ?? "")}");
        }

        var open = sent.Count(document => document.Waits);
        await terminal.Line($"{report.Indexed} indexed, {report.Failed} failed, {report.Skipped} skipped{(open > 0 ? $", {open} being indexed" : "")}");
        if (!inTime)
        {
            await terminal.Failure("timeout", $"{open} documents were not indexed within {wish.Patience.TotalSeconds:0} seconds. They go on by themselves; 'lyceum collections list' shows how many are pending.");
        }

        return report.Failed > 0 || !inTime ? ExitCode.SomeFailed : ExitCode.Ok;
    }

    private async Task Send(
        IReadOnlyList<LocalFile> files, CollectionBody collection, LimitsBody limits, List<Sent> sent, Action<double> onBytes, CancellationToken ct)
    {
        var accepted = (limits.AcceptedExtensions ?? []).Select(extension => extension.TrimStart('.')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var fit = new List<LocalFile>();
        foreach (var file in files)
        {
            if (!file.Named && accepted.Count > 0 && !accepted.Contains(Path.GetExtension(file.Path).TrimStart('.')))
            {
                sent.Add(new Sent(file.Name, null, "skipped", "This kind of file is not read."));
            }
            else if (limits.MaxFileBytes > 0 && file.Bytes > limits.MaxFileBytes)
            {
                sent.Add(new Sent(file.Name, null, "failed", $"The file has {file.Bytes} bytes; at most {limits.MaxFileBytes} are accepted."));
            }
            else
            {
                fit.Add(file);
            }
        }

        var filesMax = limits.MaxFilesPerRequest > 0 ? Math.Min(FilesInRequestMax, limits.MaxFilesPerRequest) : FilesInRequestMax;
        foreach (var batch in LocalFiles.Batches(fit, filesMax, BytesInRequestMax))
        {
            await SendBatch(batch, collection, sent, ct);
            onBytes(batch.Sum(file => file.Bytes));
        }
    }

    private async Task SendBatch(IReadOnlyList<LocalFile> batch, CollectionBody collection, List<Sent> sent, CancellationToken ct)
    {
        var readable = new List<LocalFile>();
        foreach (var file in batch)
        {
            try
            {
                await using var probe = File.OpenRead(file.Path);
                readable.Add(file);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                sent.Add(new Sent(file.Name, null, "failed", $"The file cannot be read: {fault.Message}"));
            }
        }

        if (readable.Count == 0)
        {
            return;
        }

        UploadAnswer answer;
        try
        {
            answer = await api.Post($"api/v1/knowledge/collections/{collection.Id}/documents", () => Form(readable), CliJson.Default.UploadAnswer, ct);
        }
        catch (CommandFailed refused) when (refused.ExitCode == ExitCode.WrongUsage)
        {
            // The request as a whole was refused; the next batch may fare better.
            sent.AddRange(readable.Select(file => new Sent(file.Name, null, "failed", refused.Message)));
            return;
        }

        foreach (var (item, index) in answer.Items.Select((item, index) => (item, index)))
        {
            var name = index < readable.Count ? readable[index].Name : item.Name;
            sent.Add(item.Status switch
            {
                "accepted" => new Sent(name, item.Document?.Id, item.Document?.Status ?? "accepted", null),
                "duplicate" => new Sent(name, null, "skipped", item.Problem?.Detail ?? "The collection has this file already."),
                _ => new Sent(name, null, "failed", item.Problem?.Detail ?? "The file was refused."),
            });
        }
    }

    private static MultipartFormDataContent Form(IReadOnlyList<LocalFile> files)
    {
        var form = new MultipartFormDataContent();
        foreach (var file in files)
        {
            var content = new StreamContent(File.OpenRead(file.Path));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(content, "file", file.Name);
        }

        return form;
    }

    /// <summary>Asks for the documents sent first, since they are indexed first. False when patience ends before the work.</summary>
    private async Task<bool> Wait(List<Sent> sent, TimeSpan patience, Action onProgress, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            foreach (var part in sent.Where(document => document.Waits).Take(AskedAtOnce).Chunk(4))
            {
                await Task.WhenAll(part.Select(document => Refresh(document, ct)));
            }

            onProgress();
            if (!sent.Exists(document => document.Waits))
            {
                return true;
            }

            if (time.GetElapsedTime(since) > patience)
            {
                return false;
            }

            await Task.Delay(pause, time, ct);
            pause = TimeSpan.FromMilliseconds(Math.Min(1000, pause.TotalMilliseconds * 1.5));
        }
    }

    private async Task Refresh(Sent document, CancellationToken ct)
    {
        try
        {
            var now = await api.Get($"api/v1/knowledge/documents/{document.Document}", CliJson.Default.DocumentBody, ct);
            document.Status = now.Status;
            document.Progress = now.Progress;
            document.Error = now.Status == "failed" ? now.ErrorMessage ?? now.ErrorCode ?? "It could not be indexed." : null;
        }
        catch (CommandFailed gone) when (gone.ExitCode == ExitCode.NotFound)
        {
            document.Status = "failed";
            document.Error = "The document was deleted meanwhile.";
        }
    }

    private static double Done(IEnumerable<Sent> sent) => sent.Sum(document => document.Waits ? document.Progress : 100);

    private static IngestReport Report(List<Sent> sent) => new(
        sent.Count(document => document.Status == "indexed"),
        sent.Count(document => document.Status == "failed"),
        sent.Count(document => document.Status == "skipped"),
        [.. sent.Select(document => new IngestedDocument(document.Name, document.Status, document.Error))]);
}
