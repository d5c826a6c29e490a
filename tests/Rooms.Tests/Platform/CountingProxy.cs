using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>
/// Stands between a client and PostgreSQL and counts round trips: how often the client says something after the server has answered. What is sent
/// in several pieces without an answer between them is one trip.
/// </summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(); // without a timer: nothing to dispose of
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private int _trips;

    public CountingProxy(string connectionString)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        (_host, _port) = (address.Host!, address.Port); // the tests' server has one
        _listener.Start();
        address.Host = "127.0.0.1";
        address.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        address.MaxPoolSize = 1;
        ConnectionString = address.ConnectionString;
        _accepting = Accept();
    }

    /// <summary>The same database through this.</summary>
    public string ConnectionString { get; }

    public int Trips => Volatile.Read(ref _trips);

    /// <summary>How many round trips a piece of work takes.</summary>
    public async Task<int> Count(Func<Task> work)
    {
        var before = Trips;
        await work();
        return Trips - before;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _connections.Add(Carry(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task Carry(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        await far.ConnectAsync(_host, _port, _stop.Token);
        var answered = 1;
        async Task Pump(Stream from, Stream to, Action seen)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var read)
                {
                    seen();
                    await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // one side hung up
            }
        }

        await Task.WhenAny(
            Pump(near.GetStream(), far.GetStream(), () =>
            {
                if (Interlocked.Exchange(ref answered, 0) == 1)
                {
                    Interlocked.Increment(ref _trips);
                }
            }),
            Pump(far.GetStream(), near.GetStream(), () => Volatile.Write(ref answered, 1)));
    }
}
