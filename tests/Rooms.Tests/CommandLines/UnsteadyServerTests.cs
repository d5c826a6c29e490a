using System.Collections.Concurrent;
using System.Text.Json;
using Lyceum.Host.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

/// <summary>The command line against a server that answers badly on purpose: what a network does to a good one.</summary>
public sealed class UnsteadyServerTests : IAsyncLifetime
{
    private readonly Screen _stdout = new();
    private readonly StringWriter _stderr = new();
    private readonly ConcurrentQueue<string> _keys = new();
    private readonly ConcurrentQueue<string> _resumed = new();
    private readonly Guid _collection = Guid.CreateVersion7();
    private WebApplication _server = null!; // set by InitializeAsync, which xunit calls first
    private int _refusals;
    private Func<HttpContext, int, Task> _events = (_, _) => Task.CompletedTask;
    private int _streams;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        var run = Guid.CreateVersion7();
        _server.MapGet("/api/v1/knowledge/collections", () => new
        {
            data = new[] { new { id = _collection, name = "A", slug = "a", status = "active", documentCount = 1, pendingCount = 0, failedCount = 0, chunkCount = 1 } },
            next_cursor = (string?)null,
        });
        _server.MapPost("/api/v1/knowledge/search", (HttpContext http) =>
        {
            _keys.Enqueue(http.Request.Headers["Idempotency-Key"].ToString());
            if (_refusals-- > 0)
            {
                http.Response.Headers.RetryAfter = "0";
                return Results.Problem(statusCode: 503, extensions: new Dictionary<string, object?> { ["code"] = "busy" });
            }

            return Results.Json(new { hits = new[] { new { documentId = run, externalId = (string?)null, name = "x.pdf", page = 3, score = 0.5, text = "t\u001b[2J" } } });
        });
        _server.MapPost("/api/v1/chat/conversations", () => new { id = Guid.CreateVersion7() });
        _server.MapPost("/api/v1/chat/conversations/{id}/messages", () => new { runId = run });
        _server.MapGet("/api/v1/chat/runs/{id}/events", (HttpContext http) =>
        {
            _resumed.Enqueue(http.Request.Query["starting_after"].ToString());
            http.Response.ContentType = "text/event-stream";
            return _events(http, Interlocked.Increment(ref _streams));
        });
        await _server.StartAsync();
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_with_the_same_idempotency_key()
    {
        _refusals = 2;

        Assert.Equal(0, await Run("search", "x", "--collection", "a", "--json"));

        Assert.Equal(3, _keys.Count);
        Assert.Single(_keys.Distinct());
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up()
    {
        _refusals = 100;

        Assert.Equal(ExitCode.ServerError, await Run("search", "x", "--collection", "a", "--json"));

        Assert.Equal(4, _keys.Count);
        Assert.Contains("\"busy\"", _stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hit_in_text_shows_its_page_and_no_control_characters()
    {
        Assert.Equal(0, await Run("search", "x", "--collection", "a"));

        Assert.Contains("1. x.pdf, page 3  0.500", _stdout.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _stdout.ToString());
    }

    [Fact]
    public async Task A_stream_that_breaks_is_taken_up_after_the_last_event_without_a_gap_or_a_repeat()
    {
        _events = async (http, time) =>
        {
            if (time == 1)
            {
                await http.Response.WriteAsync("id: 1\nevent: text.delta\ndata: {\"text\":\"Hello \"}\n\nid: 2\nevent: text.delta\nda", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await _stdout.Shown; // an abort throws away what the other side has not read yet
                http.Abort();
                return;
            }

            await http.Response.WriteAsync(
                "id: 1\nevent: text.delta\ndata: {\"text\":\"Hello \"}\n\nid: 2\nevent: text.delta\ndata: {\"text\":\"world\"}\n\n"
                + $"id: 3\nevent: citations\ndata: {{\"citations\":[{{\"marker\":1,\"documentId\":\"{_collection}\",\"name\":\"x.pdf\",\"page\":2,\"quote\":\"q\",\"score\":0.9}}]}}\n\n"
                + "id: 4\nevent: run.completed\ndata: {\"status\":\"completed\",\"noSource\":false}\n\n",
                http.RequestAborted);
        };

        Assert.Equal(0, await Run("ask", "x", "--collection", "a"));

        Assert.StartsWith("Hello world", _stdout.ToString(), StringComparison.Ordinal);
        Assert.Contains("x.pdf, page 2", _stdout.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0", "1"], _resumed);
    }

    [Fact]
    public async Task A_run_that_starts_again_leaves_only_its_last_text()
    {
        _events = (http, _) => http.Response.WriteAsync(
            "id: 1\nevent: text.delta\ndata: {\"text\":\"wrong\"}\n\nid: 2\nevent: text.reset\ndata: {}\n\nid: 3\nevent: text.delta\ndata: {\"text\":\"right\"}\n\n"
            + "id: 4\nevent: run.completed\ndata: {}\n\n",
            http.RequestAborted);

        Assert.Equal(0, await Run("ask", "x", "--json"));

        Assert.Contains("\"answer\":\"right\"", _stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_says_why_and_ends_with_6()
    {
        _events = (http, _) => http.Response.WriteAsync("id: 1\nevent: run.failed\ndata: {\"code\":\"invalid_key\",\"message\":\"The key is wrong.\"}\n\n", http.RequestAborted);

        Assert.Equal(ExitCode.ServerError, await Run("ask", "x", "--json"));

        Assert.Equal("", _stdout.ToString());
        Assert.Contains("invalid_key", _stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_that_is_not_there_ends_with_4() => Assert.Equal(ExitCode.NotFound, await Run("search", "x", "--collection", "nope"));

    private Task<int> Run(params string[] args) => CommandLine.Run(
        args, _stdout, _stderr, name => name == "LYCEUM_URL" ? _server.Urls.Single() : null, TestContext.Current.CancellationToken);

    /// <summary>Says when the first words were shown.</summary>
    private sealed class Screen : StringWriter
    {
        private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Shown => _shown.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public override async Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            _shown.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _stdout.DisposeAsync();
        await _stderr.DisposeAsync();
    }
}
