using System.Text.RegularExpressions;
using Xunit;
using static Lyceum.Tidy.Tests.Tree;

namespace Lyceum.Tidy.Tests;

/// <summary>
/// How the code reads. These tests read source as text, need no build of it, and run in about a second. Every message
/// says what to do instead.
/// </summary>
public sealed partial class CodeTests
{
    private const int LinesMax = 400;

    private static readonly (Regex Pattern, string Instead)[] Banned =
    [
        (new(@"^\s*#region"), "#region: split the file"),
        (new(@"\bDateTime(Offset)?\.(Utc)?Now\b"), "the wall clock: take a TimeProvider"),
        (new(@"(?<!\bresult)\.Result\s*[;,)]|\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)"), "waiting for a task: await it"),
        (new(@"\basync void\b"), "async void: return Task"),
        (new(@"\bcatch\s*(\(Exception[^)]*\))?\s*\{\s*\}"), "an empty catch: handle it, or let it rise"),
        (new(@"\bNotImplementedException\b"), "NotImplementedException: leave the member out until it works"),
        (new(@"\bTODO\b(?! \(#\d+\))"), "a TODO without a number: write TODO (#issue)"),
        (new(@"(?i)\bselect \*\s+from\b(?!\s*unnest\()"), "select *: name the columns"),
        (new(@"\bThread\.Sleep\("), "Thread.Sleep: await a Task.Delay with the TimeProvider, or wait for the event itself"),
        (new(@"\bConsole\.(Write|WriteLine)\("), "Console.Write: log with [LoggerMessage]; the command line writes to Console.Out"),
    ];

    [Fact]
    public void Files_stay_short() => None(
        from file in CSharp("src", "tests", "bench")
        let lines = Lines(file).Count()
        where lines > LinesMax
        select $"{file}: {lines} lines, at most {LinesMax}. Split by feature, not by kind.");

    [Fact]
    public void Nothing_banned_is_used() => None(
        from file in CSharp("src")
        from line in Lines(file)
        from rule in Banned
        where rule.Pattern.IsMatch(line.Text)
        select $"{file}:{line.Number}: {rule.Instead}.");

    [Fact]
    public void Tests_wait_for_what_they_expect_and_do_not_sleep() => None(
        from file in CSharp("tests")
        where !file.StartsWith("tests/Tidy.Tests/", StringComparison.Ordinal) && !file.StartsWith("tests/Stub/", StringComparison.Ordinal)
        from line in Lines(file)
        where line.Text.Contains("Thread.Sleep(", StringComparison.Ordinal) || SkippedTest().IsMatch(line.Text)
        select $"{file}:{line.Number}: wait for the event with a bound, and run every test: a sleep is slow or flaky, a skipped test shows nothing.");

    [Fact]
    public void Methods_have_no_Async_suffix() => None(
        from file in CSharp("src")
        from Match match in AsyncName().Matches(WithoutComments(Read(file)))
        let name = match.Groups[1].Value
        where !FrameworkNames.Contains(name)
        select $"{file}: {name} is declared. Everything here is asynchronous, and the CancellationToken shows it: write {name[..^5]}.");

    [Fact]
    public void A_CancellationToken_is_never_optional() => None(
        from file in CSharp("src")
        from Match match in OptionalToken().Matches(WithoutComments(Read(file)))
        where !FrameworkNames.Contains(match.Groups[1].Value)
        select $"{file}: {match.Groups[1].Value} takes an optional CancellationToken. Make it required, so that the compiler finds who forgets it.");

    [Fact]
    public void Types_are_named_for_what_they_are() => None(
        from file in CSharp("src", "tests", "bench")
        from Match match in VagueType().Matches(WithoutComments(Read(file)))
        select $"{file}: type {match.Groups[1].Value}. Manager, Helper, Util, Service, Base and Common say nothing: use Endpoints, Store, Rules, Step, Job, Tool, Source, Options or Room, or the word of the domain.");

    // Members that the framework's own types ask for by name.
    private static readonly HashSet<string> FrameworkNames =
    [
        "DisposeAsync", "StartAsync", "StopAsync", "ExecuteAsync", "ReadAsync", "WriteAsync", "FlushAsync", "CopyToAsync", "GetResponseAsync",
        "GetStreamingResponseAsync", "GenerateAsync", "GetAsyncEnumerator", "MoveNextAsync", "InvokeAsync", "SendAsync", "ConnectAsync",
        "CheckHealthAsync", "HandleAsync", "TryHandleAsync", "AuthenticateAsync", "HandleAuthenticateAsync", "HandleChallengeAsync",
        "HandleForbiddenAsync", "StartingAsync", "StartedAsync", "StoppingAsync", "StoppedAsync", "TransformAsync", "SerializeToStreamAsync",
        "CreateContentReadStreamAsync", "GetPolicyAsync", "BindAsync", "WriteLineAsync", "ProcessAsync",
    ];

    [GeneratedRegex(@"\b(?:Task|ValueTask|IAsyncEnumerable)(?:<[^;={}]*?>)?\s+(\w+Async)\s*(?:<[^>]*>)?\(")]
    private static partial Regex AsyncName();

    [GeneratedRegex(@"(\w+)(?:<[^<>]*>)?\((?:[^()]|\([^()]*\))*\bCancellationToken\??\s+\w+\s*=\s*(?:default|new|CancellationToken)\b")]
    private static partial Regex OptionalToken();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?:class\s+|struct\s+)?(\w*(?:Manager|Helpers?|Utils?|Utilit(?:y|ies)|Service|Base|Common))\b")]
    private static partial Regex VagueType();

    [GeneratedRegex(@"\bSkip\s*=\s*""")]
    private static partial Regex SkippedTest();
}
