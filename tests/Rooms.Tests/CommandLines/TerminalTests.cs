using Lyceum.Host.Cli;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("plain\ntext\t.", "plain\ntext\t.")]
    [InlineData("a\u001b[2Jb", "a[2Jb")]
    [InlineData("a\u009b2Jb\u0007\r", "a2Jb")]
    public void Text_from_a_document_cannot_steer_the_terminal(string text, string clean) => Assert.Equal(clean, Terminal.Clean(text));

    [Fact]
    public void A_long_text_becomes_one_short_line() => Assert.Equal("one two…", Terminal.Short("one\n\n  two three", 9));

    [Fact]
    public async Task Events_are_read_as_the_standard_says()
    {
        const string stream = ": hello\n\nid: 7\nevent: text.delta\ndata: {\"a\":\ndata:1}\n\ndata: last\nretry: 5\n\nid: x\nevent: lost\n";
        var told = new List<ServerSentEvent>();
        await foreach (var one in ServerSentEvents.Read(new StringReader(stream.Replace("\n", "\r\n", StringComparison.Ordinal)), TestContext.Current.CancellationToken))
        {
            told.Add(one);
        }

        Assert.Equal([new ServerSentEvent(7, "text.delta", "{\"a\":\n1}"), new ServerSentEvent(7, "message", "last")], told);
    }

    [Theory]
    [InlineData(401, 3)]
    [InlineData(403, 3)]
    [InlineData(404, 4)]
    [InlineData(409, 2)]
    [InlineData(422, 2)]
    [InlineData(429, 6)]
    [InlineData(500, 6)]
    public void A_refusal_becomes_an_exit_code(int status, int exitCode) => Assert.Equal(exitCode, ExitCode.Of(status));

    [Fact]
    public void The_pause_is_what_the_server_asks_for_within_bounds()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(500), ApiClient.Pause(2, null));
        Assert.Equal(TimeSpan.FromSeconds(3), ApiClient.Pause(1, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(30), ApiClient.Pause(1, TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.FromMilliseconds(250), ApiClient.Pause(1, TimeSpan.FromSeconds(-5)));
    }
}
