using System.Text.RegularExpressions;
using Xunit;
using static Lyceum.Tidy.Tests.Tree;

namespace Lyceum.Tidy.Tests;

/// <summary>The house: which rooms there are, who may see whom, and what each room owes its reader.</summary>
public sealed partial class RoomTests
{
    // Top to bottom. A room may reference only rooms that stand after it.
    private static readonly string[] Rooms =
        ["Host", "Workflows", "Chat", "Agents", "Connect", "Knowledge", "Models", "Metering", "Iam", "Platform"];

    [Fact]
    public void There_are_only_the_rooms_we_agreed_on() => None(
        from folder in Directory.GetDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName)
        where !Rooms.Contains(folder)
        select $"src/{folder} is no room. Put it into one of {string.Join(", ", Rooms)}, or decide a new room in docs/decisions.");

    [Fact]
    public void References_point_down() => None(
        from project in Files("*.csproj", "src")
        from Match match in ProjectReference().Matches(Read(project))
        let room = Path.GetFileNameWithoutExtension(project)
        let target = match.Groups[1].Value
        where Array.IndexOf(Rooms, target) <= Array.IndexOf(Rooms, room)
        select $"{project} references {target}, which does not stand below {room}. Raise a job or an event instead.");

    [Fact]
    public void Every_room_says_what_it_is_in_a_README() => None(
        from room in Directory.GetDirectories(Path.Combine(Root, "src")).Select(Path.GetFileName)
        let readme = Path.Combine(Root, "src", room, "README.md")
        where !File.Exists(readme) || new FileInfo(readme).Length < 40
        select $"src/{room}/README.md is missing or empty. Write what the room owns, its tables and its public types.");

    [Fact]
    public void A_room_has_one_namespace_root() => None(
        from file in CSharp("src")
        let room = file.Split('/')[1]
        from Match match in Namespace().Matches(Read(file))
        let name = match.Groups[1].Value
        where name != $"Lyceum.{room}" && !name.StartsWith($"Lyceum.{room}.", StringComparison.Ordinal)
        select $"{file} declares namespace {name}. Write Lyceum.{room} or a name below it.");

    [GeneratedRegex("""ProjectReference Include="[^"]*/(\w+)\.csproj""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
