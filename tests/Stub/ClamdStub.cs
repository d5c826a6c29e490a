using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lyceum.Stub;

/// <summary>How a scanner behaves.</summary>
public enum ClamdMood
{
    /// <summary>Finds EICAR's test file and nothing else.</summary>
    Well,

    /// <summary>Hangs up in the middle.</summary>
    Cut,

    /// <summary>Refuses after the first bytes, as with its limit of size.</summary>
    TooLarge,

    /// <summary>Answers nonsense.</summary>
    Garbage,
}

/// <summary>A malware scanner on loopback that speaks clamd's PING and INSTREAM.</summary>
public sealed class ClamdStub : IAsyncDisposable
{
    private static readonly byte[] Eicar = Encoding.ASCII.GetBytes("EICAR-STANDARD-ANTIVIRUS-TEST-FILE");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(); // without a timer: nothing to dispose of
    private readonly Task _accepting;
    private int _scanned;

    private ClamdStub()
    {
        _listener.Start();
        Address = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = Accept();
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    public ClamdMood Mood { get; set; }

    /// <summary>Files it was shown to the end.</summary>
    public int Scanned => Volatile.Read(ref _scanned);

    public static ClamdStub Start() => new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // it is over
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var held = client;
        try
        {
            await using var wire = client.GetStream();
            var command = new List<byte>();
            var one = new byte[1];
            while (await wire.ReadAsync(one, _stop.Token) > 0 && one[0] != 0) command.Add(one[0]);
            var answer = Encoding.ASCII.GetString([.. command]) switch
            {
                "zPING" => "PONG",
                "zINSTREAM" => await Look(wire),
                _ => "UNKNOWN COMMAND",
            };
            if (answer is not null) await wire.WriteAsync(Encoding.ASCII.GetBytes(Mood == ClamdMood.Garbage ? "?!\0" : answer + "\0"), _stop.Token);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // the other side went away
        }
    }

    private async Task<string?> Look(NetworkStream wire)
    {
        var seen = new MemoryStream();
        var length = new byte[4];
        while (true)
        {
            await wire.ReadExactlyAsync(length, _stop.Token);
            var next = BinaryPrimitives.ReadInt32BigEndian(length);
            if (next == 0) break;
            var chunk = new byte[next];
            await wire.ReadExactlyAsync(chunk, _stop.Token);
            seen.Write(chunk);
            if (Mood == ClamdMood.Cut) return null;
            if (Mood == ClamdMood.TooLarge) return "INSTREAM size limit exceeded. ERROR";
        }

        Interlocked.Increment(ref _scanned);
        return seen.ToArray().AsSpan().IndexOf(Eicar) >= 0 ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
    }
}
