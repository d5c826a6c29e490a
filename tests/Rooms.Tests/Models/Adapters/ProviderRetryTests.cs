using Lyceum.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.Models.Adapters;

public sealed class ProviderRetryTests
{
    private static readonly RetryLimits Limits = new();

    private static ProviderException Fault(bool transient = true, TimeSpan? after = null, bool begun = false) =>
        new(ProviderError.RateLimited, "Slow down.") { IsTransient = transient, RetryAfter = after, AfterFirstToken = begun };

    [Fact]
    public void Nothing_is_repeated_after_the_first_token() => Assert.Null(ProviderRetry.Delay(Fault(begun: true), 1, Limits, 0));

    [Fact]
    public void What_is_not_transient_is_not_repeated() => Assert.Null(ProviderRetry.Delay(Fault(transient: false), 1, Limits, 0));

    [Fact]
    public void Attempts_are_bounded()
    {
        Assert.NotNull(ProviderRetry.Delay(Fault(), 2, Limits, 0));
        Assert.Null(ProviderRetry.Delay(Fault(), 3, Limits, 0));
    }

    [Fact]
    public void The_wait_doubles_has_jitter_and_a_maximum()
    {
        var many = new RetryLimits { AttemptsMax = 100 };
        Assert.Equal(TimeSpan.FromMilliseconds(500), ProviderRetry.Delay(Fault(), 1, many, 1));
        Assert.Equal(TimeSpan.FromMilliseconds(250), ProviderRetry.Delay(Fault(), 1, many, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(1000), ProviderRetry.Delay(Fault(), 2, many, 1));
        Assert.Equal(many.DelayMax, ProviderRetry.Delay(Fault(), 99, many, 1));
    }

    [Fact]
    public void What_the_provider_asks_for_is_never_shortened_and_too_long_is_not_waited_for()
    {
        Assert.True(ProviderRetry.Delay(Fault(after: TimeSpan.FromSeconds(20)), 1, Limits, 0.5) >= TimeSpan.FromSeconds(20));
        Assert.Null(ProviderRetry.Delay(Fault(after: TimeSpan.FromSeconds(31)), 1, Limits, 0));
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"Your credit balance is too low to access the Anthropic API.","type":"invalid_request_error"}}""", ProviderError.QuotaExhausted)]
    [InlineData(400, """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""", ProviderError.InvalidKey)]
    [InlineData(429, """{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}""", ProviderError.QuotaExhausted)]
    [InlineData(429, "<html>", ProviderError.RateLimited)]
    [InlineData(404, """{"error":"model \"llama9\" not found, try pulling it first"}""", ProviderError.ModelNotFound)]
    [InlineData(404, "404 page not found", ProviderError.BadResponse)]
    [InlineData(405, "", ProviderError.BadResponse)]
    [InlineData(302, "", ProviderError.BadResponse)]
    [InlineData(422, """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: too many tokens","error_type":"validation"}""", ProviderError.ContextLength)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}""", ProviderError.ContextLength)]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ProviderError.ProviderError)]
    [InlineData(504, "", ProviderError.Timeout)]
    [InlineData(418, "null", ProviderError.BadRequest)]
    public void Each_providers_way_to_say_no_is_understood(int status, string body, ProviderError expected) =>
        Assert.Equal(expected, ProviderFaults.FromStatus(new("openai", new Uri("https://example.org/v1"), "k", "m"), status, body, null).Code);

    [Theory]
    [InlineData("Incorrect API key provided: sk-abc*****xyz9. You can find", "sk-abc")]
    [InlineData("Token Bearer eyJhbGciOi.foo.bar is bad", "eyJhbGciOi")]
    [InlineData("could not reach https://bob:hunter2@example.org", "hunter2")]
    [InlineData("key gsk_abcdef1234567890 is bad", "abcdef1234567890")]
    public void What_looks_like_a_secret_does_not_survive_the_extract(string message, string secret) =>
        Assert.DoesNotContain(secret, ProviderFaults.Extract(message, "other"), StringComparison.Ordinal);
}
