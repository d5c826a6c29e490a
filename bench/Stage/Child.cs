using Lyceum.Bench.Harness;
using System.Diagnostics;
using System.Net;

namespace Lyceum.Bench.Stage;

/// <summary>A process of a scenario: a floor or the product itself. Stopped with SIGTERM when the scenario ends.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;

    private Child(Process process)
    {
        _process = process;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End(process); // a benchmark that is stopped leaves nothing behind
    }

    public string Address { get; private set; } = "";

    /// <summary>From the start of the process to its first answer with status 200.</summary>
    public double SecondsToFirstAnswer { get; private set; }

    public double ResidentMegabytes => File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kib, ..] ? double.Parse(kib) / 1024 : 0;

    /// <summary>One of <see cref="Floors.TinyPrograms"/>.</summary>
    public static async Task<Child> Floor(CancellationToken ct, params string[] args)
    {
        var start = Info(typeof(Child).Assembly.Location, ["floor", .. args]);
        start.RedirectStandardOutput = true;
        var child = new Child(Process.Start(start)!); // an executable was named
        child.Address = await child._process.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException($"The floor {args[0]} did not start.");
        return child;
    }

    public static async Task<Child> MinimalServer(CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var child = await Floor(ct, "minimal");
        await child.UntilAnswers("/hello", watch, ct);
        return child;
    }

    /// <summary>The product: the Release build of the Host, or the folder that LYCEUM_BENCH_APP names.</summary>
    public static async Task<Child> Product(IReadOnlyDictionary<string, string?> settings, CancellationToken ct)
    {
        var folder = Environment.GetEnvironmentVariable("LYCEUM_BENCH_APP") ?? Path.Combine(Machine.Root, "src", "Host", "bin", "Release", "net10.0");
        var start = Info(Path.Combine(folder, "Lyceum.Host.dll"), ["serve"]);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        if (await Listens(int.Parse(settings["LYCEUM_PORT"]!), ct)) // Settings has it
        {
            throw new InvalidOperationException($"Something else listens on port {settings["LYCEUM_PORT"]} and would be measured. Stop it, or set LYCEUM_BENCH_PORT.");
        }

        var watch = Stopwatch.StartNew();
        var child = new Child(Process.Start(start)!) { Address = $"http://127.0.0.1:{settings["LYCEUM_PORT"]}" }; // an executable was named
        var log = Path.Combine(BenchDatabase.Home, "server.log");
        child._process.OutputDataReceived += (_, line) => Append(log, line.Data);
        child._process.ErrorDataReceived += (_, line) => Append(log, line.Data);
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        await child.UntilAnswers("/api/v1/version", watch, ct);
        return child;
    }

    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(5) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
            await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private async Task UntilAnswers(string path, Stopwatch watch, CancellationToken ct)
    {
        using var client = Client();
        while (watch.Elapsed < TimeSpan.FromSeconds(90))
        {
            try
            {
                using var response = await client.GetAsync(path, ct);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    SecondsToFirstAnswer = watch.Elapsed.TotalSeconds;
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // It does not listen yet.
            }

            await Task.Delay(5, ct);
        }

        throw new InvalidOperationException($"{Address}{path} did not answer in 90 seconds.");
    }

    private static async Task<bool> Listens(int port, CancellationToken ct)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It was disposed of in good order.
        }
    }

    private static readonly Lock Gate = new();

    private static void Append(string file, string? line)
    {
        lock (Gate)
        {
            if (line is not null && Directory.Exists(Path.GetDirectoryName(file)))
            {
                File.AppendAllText(file, line + "\n");
            }
        }
    }

    private static ProcessStartInfo Info(string assembly, string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. args]) { UseShellExecute = false };
        start.Environment.Remove("ASPNETCORE_URLS");
        return start;
    }
}
