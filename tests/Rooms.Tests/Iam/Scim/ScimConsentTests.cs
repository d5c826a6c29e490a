using System.Net;
using Xunit;

namespace Lyceum.Rooms.Tests.Federation;

/// <summary>A directory takes in its own people; those of other organisations say so themselves.</summary>
public sealed class ScimConsentTests(House house) : IClassFixture<House>
{
    private const string Bob = """{"userName":"bob@example.com","displayName":"Robert","emails":[{"value":"bob@example.com","primary":true}]}""";

    [Fact]
    public async Task An_account_of_another_organisation_is_invited_and_not_taken_in()
    {
        var theirs = await ScimDirectory.Of(house, house.Eve);
        Assert.Equal("uniqueness", await theirs.Refused("POST", "/Users", Bob, HttpStatusCode.Conflict));
        Assert.Equal("uniqueness", await theirs.Refused("POST", "/Users", Bob, HttpStatusCode.Conflict));
        Assert.Equal(0L, await Places());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.invitations where tenant_id = '{house.Eve.Tenant}' and email = 'bob@example.com' and status = 'pending'"));
        Assert.Equal(0, (await theirs.Ask("GET", "/Users?filter=" + Uri.EscapeDataString("userName eq \"bob@example.com\""))).GetProperty("totalResults").GetInt32());

        // A domain that an organisation merely names itself proves nothing; one that the installation's administrator trusts does.
        await house.Do($$"""
            insert into iam.identity_providers (tenant_id, id, slug, name, issuer, client_id, email_domains) values ('{{house.Eve.Tenant}}', ops.uuid7(), 'own', 'Own', 'https://id.example.com', 'x', '{example.com}')
            """);
        Assert.Equal("uniqueness", await theirs.Refused("POST", "/Users", Bob, HttpStatusCode.Conflict));
        await house.Do($"update iam.identity_providers set is_trusted = true where tenant_id = '{house.Eve.Tenant}'");
        Assert.Equal(house.Bob.UserId.ToString(), (await theirs.Ask("POST", "/Users", Bob, HttpStatusCode.Created)).GetProperty("id").GetString());
        Assert.Equal(1L, await Places());
        Assert.Equal("Bob", await house.Database.Ask<string>($"select display_name from iam.users where id = '{house.Bob.UserId}'"));
    }

    [Fact]
    public async Task Somebody_who_belongs_to_no_other_organisation_is_taken_in_at_once()
    {
        var theirs = await ScimDirectory.Of(house, house.Eve);
        await house.Do("insert into iam.users (id, email, display_name) values (ops.uuid7(), 'free@example.com', 'Free')");
        await theirs.Ask("POST", "/Users", """{"userName":"free@example.com"}""", HttpStatusCode.Created);
    }

    private Task<long> Places() => house.Database.Ask<long>($"select count(*) from iam.tenant_members where tenant_id = '{house.Eve.Tenant}' and user_id = '{house.Bob.UserId}'");
}
