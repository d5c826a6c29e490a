using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// What makes the attempts of <see cref="CrossTenantTests"/> mean something: the same requests with the caller's own ids are answered otherwise than with
/// ids that never were, nearly always with success. So it is the id that decides, and not the form of the request.
/// </summary>
public sealed class OwnThingTests(TwoTenants tenants, ITestOutputHelper output) : IClassFixture<TwoTenants>
{
    // Where one's own id and a missing one are the same answer too, each with the reason: there the attempts show only that nothing is told.
    private static readonly Dictionary<string, string> Excused = new(StringComparer.Ordinal)
    {
        ["signIn"] = "the password is wrong, whatever the organisation", ["createTokens"] = "the password is wrong, whatever the organisation",
        ["chooseSignInTenant"] = "nobody waits to choose", ["startOidc"] = "the provider is switched off, since nothing answers at its address",
        ["deleteDocument"] = "the document was deleted with others before it", ["deleteQuestionSet"] = "its collection was deleted before it", ["removeQuestion"] = "its collection was deleted before it",
        ["backchannelLogout"] = "the provider is switched off", ["restoreTeam"] = "the team is not deleted", ["deleteTeam moveTo"] = "the team it would move to is the one that went",
    };

    // Parts go before what holds them.
    private static readonly string[] Parts = ["/feedback", "/embedding-sets", "/knowledge/pipelines", "/knowledge/folders", "/knowledge/repositories", "/knowledge/documents", "/teams/{id}/members", "/shares", "/scim/v2/Users", "/iam/members", "/roles", "/models/models"];

    [Fact]
    [Trait("row", "TEN-01")]
    public async Task Ones_own_ids_are_answered_otherwise_than_missing_ones()
    {
        var spare = await World.Build(tenants.House, tenants.House.Eve, "plain", "spare");
        var (faults, works, seen) = (new List<string>(), 0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var call in tenants.Surface.Calls.Where(c => c.Positions.Count > 0).OrderBy(Turn))
        {
            foreach (var position in call.Positions)
            {
                using var request = Request(spare.Of(position.Kind)[0]);
                if (!seen.Add($"{call} {request.RequestUri} {(position.Where == "body" ? position.Name : "")}"))
                {
                    continue;
                }

                var credential = tenants.Intruder.Strongest(call);
                var own = await tenants.Intruder.Send(credential, request, spare.Of(position.Kind)[0]);
                works += own.Ok ? 1 : 0;
                var never = World.IsNamed(position.Kind) ? "none" : Guid.CreateVersion7().ToString();
                var decides = own.Ok || await tenants.Intruder.Send(credential, Request(never), never) is var missing && (missing.Status, missing.Body) != (own.Status, own.Body);
                var excused = Excused.ContainsKey(call.Name) || Excused.ContainsKey($"{call.Name} {position.Name}") || call.Template.StartsWith("/api/v1/platform/", StringComparison.Ordinal); // that is for administrators of the installation, who are not tried here
                if (decides == excused)
                {
                    faults.Add(decides ? $"{call}: the id decides; take '{call.Name}' out of Excused." : $"{call} with its own {position.Name} answers as with a missing one: {own.Status} {own.Body}");
                }

                HttpRequestMessage Request(string id) => new Letter(tenants.Surface, call, spare, $"c{seen.Count}").Write(new Dictionary<Position, string[]> { [position] = [id] });
            }
        }

        output.WriteLine($"{works} of {seen.Count} requests with own ids succeed");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(works > seen.Count * 7 / 10, $"{works} of {seen.Count} requests with own ids succeed");
    }

    private static int Turn(Call call)
    {
        // Passages are named while they are those that were there at first: whatever takes documents in again replaces them.
        if (call.Name is "addQuestions" or "changeChunk")
        {
            return 0;
        }

        // What is cut again has other passages, and what is deleted many at a time is gone.
        if (call.Name is "deleteDocuments" or "rechunkCollection")
        {
            return 9;
        }

        if (call.Method != "DELETE")
        {
            return Array.IndexOf(["GET", "PUT", "PATCH", "POST"], call.Method);
        }

        var part = Array.FindIndex(Parts, p => call.Template.Contains(p, StringComparison.Ordinal));
        return 10 + (part >= 0 ? part : call.Template.StartsWith("/api/v1/iam/teams", StringComparison.Ordinal) ? 99 : 50);
    }
}
