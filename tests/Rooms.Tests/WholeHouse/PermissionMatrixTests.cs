using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Knowledge.Reading;
using Lyceum.Rooms.Tests.People;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>docs/permissions.md says who may do what; every endpoint is tried as every shipped role, and does what the document says.</summary>
public sealed class PermissionMatrixTests(House house) : IClassFixture<House>
{
    private const string Mark = "<!-- generated -->";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Document => Path.Combine(Files.Repository(), "docs", "permissions.md");

    [Fact, Trait("row", "TEN-15"), Trait("row", "TEN-16")]
    public async Task The_committed_matrix_is_the_one_in_force()
    {
        var written = await File.ReadAllTextAsync(Document, Ct);
        var prose = written[..(written.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)];
        var now = prose + "\n" + await Generated();
        if (Environment.GetEnvironmentVariable("LYCEUM_ACCEPT_PERMISSIONS") == "1")
        {
            await File.WriteAllTextAsync(Document, now, Ct);
            written = now;
        }

        Assert.True(now == written, "Permissions, roles or routes changed. Look at the change, then run the tests once with LYCEUM_ACCEPT_PERMISSIONS=1 and commit docs/permissions.md.");
    }

    [Fact, Trait("row", "TEN-15"), Trait("row", "TEN-17")]
    public async Task Every_role_can_do_exactly_what_the_matrix_says_on_every_endpoint()
    {
        var matrix = Matrix();
        Assert.Equal((await house.Database.Names("select key from iam.roles where is_system")).Order(StringComparer.Ordinal), matrix.Keys.Order(StringComparer.Ordinal));
        var faults = new List<string>();
        var (allowed, refused) = (0, 0);
        foreach (var (role, permissions) in matrix)
        {
            using var http = await Somebody(role);
            // HEAD is GET without a body to read.
            foreach (var (method, path, route) in Calls().Where(call => call.Item1 != "HEAD"))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = Body(method, path) };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
                var denied = (int)response.StatusCode == 403 ? Denied(await response.Content.ReadAsStringAsync(Ct)) : null;
                var needed = route.Metadata.GetMetadata<NeedsPermission>()?.Permission;
                if (needed is not null && !permissions.Contains(needed))
                {
                    refused++;
                    if ((int)response.StatusCode != 403 || (denied?.Contains($"'{needed}'", StringComparison.Ordinal) != true && !path.StartsWith("/scim/", StringComparison.Ordinal)))
                    {
                        faults.Add($"{role} lacks {needed}, but {method} {path} answered {(int)response.StatusCode}");
                    }
                }
                else
                {
                    allowed++;
                    if ((int)response.StatusCode is 401 or >= 500 && !path.Contains("sign-in", StringComparison.Ordinal) && !path.Contains("/oidc/", StringComparison.Ordinal) || (needed is not null && denied?.Contains($"'{needed}'", StringComparison.Ordinal) == true))
                    {
                        faults.Add($"{role} may, but {method} {path} answered {(int)response.StatusCode} {denied}");
                    }
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(allowed > 300 && refused > 150, $"{allowed} allowed, {refused} refused: too few to mean anything");
    }

    // Routing asks for the right type of body before the door asks who it is.
    private static HttpContent? Body(string method, string path) => method switch
    {
        "GET" or "DELETE" => null,
        "POST" when path.EndsWith("/documents", StringComparison.Ordinal) => new MultipartFormDataContent { { new ByteArrayContent([65]), "file", "a.txt" } },
        _ => JsonContent.Create(new { }),
    };

    // A key of somebody who has this role and no other that grants anything.
    private async Task<HttpClient> Somebody(string role)
    {
        var scope = await house.Database.Ask<string>($"select scope from iam.roles where key = '{role}' and is_system");
        var person = await house.Member(scope == "tenant" ? role : "tenant_viewer", role);
        if (scope == "team")
        {
            await house.Team((person, role), (await house.Member(), "team_owner"));
        }

        return await house.Key(person.Id);
    }

    private static string? Denied(string body)
    {
        var answer = JsonDocument.Parse(body).RootElement;
        if (answer.TryGetProperty("schemas", out _))
        {
            return answer.GetProperty("detail").GetString(); // SCIM has no codes
        }

        var (code, text) = answer.TryGetProperty("error", out var error)
            ? (error.GetProperty("code").GetString(), error.GetProperty("message").GetString())
            : (answer.GetProperty("code").GetString(), answer.GetProperty("detail").GetString());
        return code == "permission_denied" ? text : null;
    }

    private static Dictionary<string, HashSet<string>> Matrix()
    {
        var rows = File.ReadAllLines(Document).SkipWhile(l => l != Mark).Where(l => l.StartsWith('|')).Select(l => l[1..^1].Split('|', StringSplitOptions.TrimEntries)).ToList();
        var head = rows.First(r => r[0] == "Permission");
        var cells = rows.SkipWhile(r => r != head).Skip(2).TakeWhile(r => r.Length == head.Length).ToList();
        return head.Select((name, column) => (Key: name.Trim('`'), column)).Where(h => h.column >= 2)
            .ToDictionary(h => h.Key, h => cells.Where(r => r[h.column].Length > 0).Select(r => r[0].Trim('`')).ToHashSet());
    }

    private async Task<string> Generated()
    {
        var roles = await house.Database.Names("select key from iam.roles where is_system order by scope desc, rank");
        var text = new StringBuilder("\n## Shipped roles\n\n| Role | Name | Where | Rank |\n|---|---|---|---|\n");
        foreach (var row in await house.Database.Names("select '| `' || key || '` | ' || name || ' | ' || case scope when 'tenant' then 'organisation' else scope end || ' | ' || rank || ' |' from iam.roles where is_system order by scope desc, rank"))
        {
            text.Append(row).Append('\n');
        }

        text.Append("\n## What they may do\n\n| Permission | Lets one |");
        roles.ForEach(r => text.Append($" `{r}` |"));
        text.Append("\n|---|---|").Append(string.Concat(roles.Select(_ => "---|"))).Append('\n');
        var grants = (await house.Database.Names("select r.key || ' ' || rp.permission_key from iam.roles r join iam.role_permissions rp on rp.tenant_id = r.tenant_id and rp.role_id = r.id where r.is_system")).ToHashSet();
        foreach (var row in await house.Database.Names("select key || ' ' || description from iam.permissions order by key"))
        {
            var (key, description) = (row.Split(' ', 2)[0], row.Split(' ', 2)[1]);
            text.Append($"| `{key}` | {description} |");
            roles.ForEach(r => text.Append(grants.Contains($"{r} {key}") ? " x |" : "  |"));
            text.Append('\n');
        }

        text.Append("\n## What each endpoint needs\n\n| Endpoint | Needs |\n|---|---|\n");
        var lines =
            from route in Routes
            from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            let needs = route.Metadata.GetMetadata<NeedsPermission>() is { } permission ? $"`{permission.Permission}`"
                : route.Metadata.GetMetadata<NeedsSignIn>() is not null ? "to be signed in"
                : $"nothing: {route.Metadata.GetMetadata<OpenToAll>()?.Reason}"
            select $"| `{method} /{route.RoutePattern.RawText?.TrimStart('/')}` | {needs} |";
        return text.Append(string.Join('\n', lines.Order(StringComparer.Ordinal))).Append('\n').ToString();
    }

    private IEnumerable<RouteEndpoint> Routes => house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private IEnumerable<(string Method, string Path, RouteEndpoint Route)> Calls() =>
        from route in Routes
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => parameter.Name == "purpose" ? "chat" : Guid.CreateVersion7().ToString(),
            _ => "",
        }))))
        select (method, path, route);
}
