using Lyceum.Host.Cli;
using Xunit;

namespace Lyceum.Rooms.Tests.CommandLines;

public sealed class ProfileTests
{
    private const string Left = """{"url":"http://127.0.0.1:9000","apiKey":"lyc_left"}""";

    [Fact]
    public void The_profile_that_run_leaves_is_used_without_settings() =>
        Assert.Equal(new Profile(new Uri("http://127.0.0.1:9000/"), "lyc_left"), Read(Left));

    [Fact]
    public void Settings_win_over_the_profile() => Assert.Equal(
        new Profile(new Uri("https://lyceum.example/"), "lyc_mine"),
        Read(Left, ("LYCEUM_URL", "https://lyceum.example"), ("LYCEUM_API_KEY", "lyc_mine")));

    [Fact]
    public void The_key_of_the_profile_is_not_sent_to_another_server() => Assert.Null(Read(Left, ("LYCEUM_URL", "https://other.example")).ApiKey);

    [Fact]
    public void The_key_of_the_profile_is_sent_to_its_own_server() => Assert.Equal("lyc_left", Read(Left, ("LYCEUM_URL", "http://127.0.0.1:9000/")).ApiKey);

    [Fact]
    public void A_key_alone_is_for_the_server_of_the_profile() => Assert.Equal(
        new Profile(new Uri("http://127.0.0.1:9000/"), "lyc_mine"), Read(Left, ("LYCEUM_API_KEY", "lyc_mine")));

    [Fact]
    public void Without_anything_the_server_is_the_local_one() => Assert.Equal(new Profile(new Uri("http://127.0.0.1:8080/"), null), Read(null));

    [Fact]
    public void A_path_in_the_address_is_kept() => Assert.Equal(
        new Uri("https://example.org/lyceum/"), Read(null, ("LYCEUM_URL", "https://example.org/lyceum")).Url);

    [Theory]
    [InlineData("ftp://example.org")]
    [InlineData("example.org")]
    public void An_address_that_is_none_is_refused_with_what_to_write(string url) =>
        Assert.Contains("http://127.0.0.1:8080", Assert.Throws<CommandFailed>(() => Read(null, ("LYCEUM_URL", url))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_broken_profile_is_named() => Assert.Contains(
        "profile.json", Assert.Throws<CommandFailed>(() => Read("{")).Message, StringComparison.Ordinal);

    private static Profile Read(string? file, params (string Name, string Value)[] settings) => Profile.Read(
        name => settings.FirstOrDefault(setting => setting.Name == name).Value, path => path.EndsWith("profile.json", StringComparison.Ordinal) ? file : null);
}
