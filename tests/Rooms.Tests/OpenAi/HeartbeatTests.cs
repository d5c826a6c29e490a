using System.Text;
using Lyceum.Host.OpenAi;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Lyceum.Rooms.Tests.OpenAi;

public sealed class HeartbeatTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_a_model_is_silent_a_comment_goes_out_every_ten_seconds()
    {
        using var body = new PulseCounter();
        var http = new DefaultHttpContext { Response = { Body = body } };
        using var stream = new CompletionStream(http, new CompletionHead("chatcmpl-1", 1, "m"), includeUsage: false);
        var answer = new TaskCompletionSource<int>();
        var clock = new FastTime();
        await using var items = One(answer.Task).GetAsyncEnumerator(Ct);
        var next = Heartbeat.Next(items, stream, clock).AsTask();
        await body.Third.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.False(next.IsCompleted);
        answer.SetResult(7);
        Assert.True(await next);
        Assert.Equal(7, items.Current);
        Assert.StartsWith(": ping\n\n: ping\n\n: ping\n\n", body.Text, StringComparison.Ordinal);
        Assert.Equal("text/event-stream; charset=utf-8", http.Response.ContentType);
        Assert.All(clock.Waits, wait => Assert.Equal(TimeSpan.FromSeconds(10), wait));
    }

    private static async IAsyncEnumerable<int> One(Task<int> item)
    {
        yield return await item;
    }

    /// <summary>A clock whose ten seconds take ten milliseconds.</summary>
    private sealed class FastTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (Waits)
            {
                Waits.Add(dueTime);
            }

            return System.CreateTimer(callback, state, dueTime / 1000, period);
        }
    }

    private sealed class PulseCounter : MemoryStream
    {
        private readonly StringBuilder _text = new();

        public TaskCompletionSource Third { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text
        {
            get { lock (_text) return _text.ToString(); }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(buffer.Span));
                if (_text.ToString().Split(": ping").Length > 3)
                {
                    Third.TrySetResult();
                }
            }

            return ValueTask.CompletedTask;
        }
    }
}
