using Lyceum.Iam;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>Two ways of asking what somebody may do with a thing: the greatest access, and whether one is enough. They must never disagree.</summary>
public sealed class ViewerTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly Owned Things = new("collection", $"t.id", $"t.visibility", $"t.team", $"t.owner");

    [Fact]
    public async Task The_level_is_the_greatest_access_that_is_granted_for_every_mix_of_owner_team_visibility_share_role_and_state()
    {
        var (me, other, mine, frozen, deleted, foreign) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var (ours, theirs) = (TestDatabase.Ours.Value, TestDatabase.Theirs.Value);
        await database.Execute($"""
            set session_replication_role = replica;
            insert into iam.teams (tenant_id, id, name, slug, is_frozen, deleted_at) values
              ('{ours}', '{mine}', 'Mine', 'mine', false, null), ('{ours}', '{frozen}', 'Frozen', 'frozen', true, null), ('{ours}', '{deleted}', 'Deleted', 'deleted', false, now()), ('{ours}', '{foreign}', 'Foreign', 'foreign', false, null);
            create table public.things as
              select gen_random_uuid() as id, v.visibility, m.team, o.owner, s.grant_of, s.grantee
              from (values ('private'), ('team'), ('company')) v(visibility),
                (values (null::uuid), ('{mine}'), ('{frozen}'), ('{deleted}'), ('{foreign}')) m(team),
                (values (null::uuid), ('{me}'), ('{other}')) o(owner),
                (values (null, null), ('view', 'tenant'), ('use', 'user'), ('edit', 'team'), ('manage', 'user'), ('manage', 'stranger'), ('manage', 'other tenant')) s(grant_of, grantee);
            grant select on public.things to lyceum_app;
            insert into iam.resource_shares (tenant_id, id, resource_type, resource_id, grantee_type, grantee_id, access)
              select case grantee when 'other tenant' then '{theirs}'::uuid else '{ours}'::uuid end, gen_random_uuid(), 'collection', id,
                case grantee when 'tenant' then 'tenant' when 'team' then 'team' else 'user' end,
                case grantee when 'tenant' then '{ours}'::uuid when 'team' then '{mine}'::uuid when 'stranger' then '{other}'::uuid else '{me}'::uuid end, grant_of
              from public.things where grant_of is not null;
            set session_replication_role = origin
            """);

        var seen = 0;
        foreach (var (writes, manages, writtenByAll) in from w in new[] { false, true } from m in new[] { false, true } from a in new[] { false, true } select (w, m, a))
        {
            var (viewer, things) = (new Viewer(me, [mine, frozen, deleted], writes, manages), Things with { WrittenByAll = writtenByAll });
            var rows = await database.Db.Many(
                $"""
                select coalesce({viewer.Level(things)}, 0), case when {viewer.May(Access.Manage, things)} then 4 when {viewer.May(Access.Edit, things)} then 3
                  when {viewer.May(Access.Use, things)} then 2 when {viewer.May(Access.View, things)} then 1 else 0 end, t::text
                from public.things t
                """,
                row => (Level: row.Get<int>(), Granted: row.Get<int>(), Thing: row.Get<string>()), TestContext.Current.CancellationToken);
            Assert.Equal(3 * 5 * 3 * 7, rows.Count);
            Assert.All(rows, row => Assert.Equal((row.Granted, row.Thing), (row.Level, row.Thing)));
            seen |= rows.Aggregate(0, (found, row) => found | (1 << row.Level));
        }

        Assert.Equal(0b11111, seen); // nothing, view, use, edit and manage all came up
    }
}
