using System.Globalization;
using System.Text.Json;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>All that can be seen in every state, against the table that people read.</summary>
public sealed class PrivateEndpointStatesTests
{
    // "-": it stays; then how soon it is looked at again (later: and later each time; never: nothing more happens by itself).
    private const string Table = """
        state              | Unknown    | Absent                 | UnderWay   | AwaitingApproval     | Up          | Rejected               | Broken
        Initiating         | - 10s      | - 10s                  | - 10s      | PendingAcceptance 30s | Active 2m  | PendingRecreation now  | Failed never
        Initiating late    | Failed never | Failed never         | Failed never | PendingAcceptance 30s | Active 2m | PendingRecreation now  | Failed never
        PendingAcceptance  | - later    | - 10s                  | - 10s      | - 30s                | Active 2m   | PendingRecreation now  | - later
        Pending absent 59s | - later    | - 1s                   | - 10s      | - 30s                | Active 2m   | PendingRecreation now  | - later
        Pending absent 60s | - later    | PendingRecreation now  | - 10s      | - 30s                | Active 2m   | PendingRecreation now  | - later
        Active             | - later    | - 10s                  | - 10s      | PendingAcceptance 30s | - 2m        | PendingRecreation now  | - later
        Active absent 59s  | - later    | - 1s                   | - 10s      | PendingAcceptance 30s | - 2m        | PendingRecreation now  | - later
        Active absent 60s  | - later    | PendingRecreation now  | - 10s      | PendingAcceptance 30s | - 2m        | PendingRecreation now  | - later
        Failed             | - never    | - never                | - never    | - never              | - never     | - never                | - never
        Recreation not made| make now   | make now               | make now   | make now             | make now    | make now               | make now
        Recreation on its way | - 2m    | - 2m                   | - 2m       | - 2m                 | - 2m        | - 2m                   | - 2m
        Recreation settled | Deleting now | Deleting now         | Deleting now | Deleting now       | Deleting now | Deleting now          | Deleting now
        Deleting           | - later    | forget never           | - 10s      | - 10s                | - 10s       | - 10s                  | - 2m
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, PrivateLinkSight> Sights = new(StringComparer.Ordinal)
    {
        ["Unknown"] = new PrivateLinkSight.Unknown("nobody answers"),
        ["Absent"] = new PrivateLinkSight.Absent(),
        ["UnderWay"] = new PrivateLinkSight.UnderWay(),
        ["AwaitingApproval"] = new PrivateLinkSight.AwaitingApproval("ear-1"),
        ["Up"] = new PrivateLinkSight.Up("ear-1"),
        ["Rejected"] = new PrivateLinkSight.Rejected(),
        ["Broken"] = new PrivateLinkSight.Broken("No address is left"),
    };

    private static readonly Dictionary<string, (PrivateEndpointStatus Status, ReplacementView Replacement, bool Late)> States = new(StringComparer.Ordinal)
    {
        ["Initiating"] = (PrivateEndpointStatus.Initiating, ReplacementView.NotMade, false),
        ["Initiating late"] = (PrivateEndpointStatus.Initiating, ReplacementView.NotMade, true),
        ["PendingAcceptance"] = (PrivateEndpointStatus.PendingAcceptance, ReplacementView.NotMade, true),
        ["Pending absent 59s"] = (PrivateEndpointStatus.PendingAcceptance, ReplacementView.NotMade, true),
        ["Pending absent 60s"] = (PrivateEndpointStatus.PendingAcceptance, ReplacementView.NotMade, true),
        ["Active"] = (PrivateEndpointStatus.Active, ReplacementView.NotMade, true),
        ["Active absent 59s"] = (PrivateEndpointStatus.Active, ReplacementView.NotMade, true),
        ["Active absent 60s"] = (PrivateEndpointStatus.Active, ReplacementView.NotMade, true),
        ["Failed"] = (PrivateEndpointStatus.Failed, ReplacementView.NotMade, true),
        ["Recreation not made"] = (PrivateEndpointStatus.PendingRecreation, ReplacementView.NotMade, true),
        ["Recreation on its way"] = (PrivateEndpointStatus.PendingRecreation, ReplacementView.OnItsWay, true),
        ["Recreation settled"] = (PrivateEndpointStatus.PendingRecreation, ReplacementView.Settled, true),
        ["Deleting"] = (PrivateEndpointStatus.Deleting, ReplacementView.NotMade, true),
    };

    public static TheoryData<string, string, string> Cells()
    {
        var rows = Table.Split('\n').Select(r => r.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        var cells = new TheoryData<string, string, string>();
        foreach (var row in rows.Skip(1))
        {
            for (var i = 1; i < row.Length; i++)
                cells.Add(row[0], rows[0][i], row[i]);
        }
        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void What_is_seen_leads_where_the_table_says(string state, string sight, string expected)
    {
        var endpoint = In(state);

        var step = endpoint.After(Sights[sight], States[state].Replacement, Now);

        var what = step.Deed switch
        {
            EndpointDeed.MakeReplacement => "make",
            EndpointDeed.Forget => "forget",
            _ => step.Next.Status == endpoint.Status ? "-" : step.Next.Status.ToString(),
        };
        var when = step.IsFruitless ? "later" : step.LookAgain switch { null => "never", { TotalSeconds: 0 } => "now", { TotalSeconds: < 60 } t => $"{t.TotalSeconds}s", { } t => $"{t.TotalMinutes}m" };
        Assert.Equal(expected, $"{what} {when}");
        Assert.EndsWith(".", step.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_holds_every_state_and_every_sight()
    {
        Assert.Equal(States.Count * Sights.Count, Cells().Count);
        Assert.Equal(typeof(PrivateLinkSight).GetNestedTypes().Length, Sights.Count);
        Assert.Equal(Enum.GetValues<PrivateEndpointStatus>().ToHashSet(), States.Values.Select(s => s.Status).ToHashSet());
    }

    [Fact]
    public void Every_state_can_be_deleted_and_stays_so()
    {
        foreach (var state in States.Keys)
        {
            var deleted = In(state).Deleted("owner");
            Assert.Equal(PrivateEndpointStatus.Deleting, deleted.Status);
            Assert.Equal(deleted, deleted.Deleted("another"));
        }
    }

    [Fact]
    public void A_person_reads_why()
    {
        Assert.Equal("No address is left.", In("Initiating").After(Sights["Broken"], ReplacementView.NotMade, Now).Next.ErrorMessage);
        Assert.EndsWith("stays as it is, and is looked at again: No address is left.", In("Active").After(Sights["Broken"], ReplacementView.NotMade, Now).Next.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("It did not come up within 60 minutes; at the last look nothing could be learnt from the cloud (nobody answers).", In("Initiating late").After(Sights["Unknown"], ReplacementView.NotMade, Now).Next.ErrorMessage);
        Assert.Contains("another private endpoint is made in US_EAST_2", In("Active").After(Sights["Rejected"], ReplacementView.NotMade, Now).Next.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_is_told_until_the_cloud_shows_the_endpoint_well()
    {
        var ailing = In("Active").After(Sights["Broken"], ReplacementView.NotMade, Now).Next;

        Assert.Equal(ailing, ailing.After(Sights["Unknown"], ReplacementView.NotMade, Now).Next);
        Assert.Null(ailing.After(Sights["Up"], ReplacementView.NotMade, Now).Next.ErrorMessage);
        Assert.Null(ailing.After(Sights["AwaitingApproval"], ReplacementView.NotMade, Now).Next.ErrorMessage);
    }

    [Fact]
    public void Whatever_else_is_seen_an_absence_begins_anew()
    {
        foreach (var (state, sight) in States.Keys.Where(s => s.Contains("absent", StringComparison.Ordinal)).SelectMany(s => Sights, (state, sight) => (state, sight)))
        {
            var next = In(state).After(sight.Value, ReplacementView.NotMade, Now).Next;
            Assert.Equal(sight.Key == "Absent" && next.Status == In(state).Status ? In(state).AbsentSince : null, next.AbsentSince);
        }
        Assert.Equal(Now, In("Active").After(Sights["Absent"], ReplacementView.NotMade, Now).Next.AbsentSince);
        Assert.Equal(Now, (In("Active") with { AbsentSince = Now.AddHours(1) }).After(Sights["Absent"], ReplacementView.NotMade, Now).Next.AbsentSince);
        Assert.Null(In("Active absent 59s").Deleted("owner").AbsentSince);
    }

    [Fact]
    public void An_endpoint_that_was_saved_before_absences_were_remembered_is_read()
    {
        const string saved = """
            {"id":"aaaaaaaaaaaaaaaaaaaaaaaa","projectId":"111111111111111111111111","provider":"Azure","regionName":"US_EAST_2","target":"vault",
            "created":"2026-03-01T11:00:00+00:00","provisionedBy":"2026-03-01T12:00:00+00:00","status":"Active","connectionName":"ear-1"}
            """;

        Assert.Equal(In("Active"), JsonSerializer.Deserialize<PrivateEndpoint>(saved, EarJson.Options));
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData(0, 10)]
    [InlineData(37, 37)]
    [InlineData(86_400, 120)]
    public void A_cloud_at_work_says_when_it_is_looked_at_again_within_bounds(int? asked, int seconds)
    {
        var link = new PrivateLinkSight.UnderWay(asked is { } s ? TimeSpan.FromSeconds(s) : null);

        Assert.All(["Initiating", "PendingAcceptance", "Active", "Deleting"], state => Assert.Equal(TimeSpan.FromSeconds(seconds), In(state).After(link, ReplacementView.NotMade, Now).LookAgain));
        Assert.Equal(TimeSpan.FromSeconds(Math.Min(seconds, 15)), (In("Initiating") with { ProvisionedBy = Now.AddSeconds(15) }).After(link, ReplacementView.NotMade, Now).LookAgain);
    }

    [Fact]
    public void Looks_that_learn_nothing_are_ever_further_apart_and_never_all_at_once()
    {
        Assert.Equal([10, 20, 40, 80, 120, 120], new[] { 0, 1, 2, 3, 4, int.MaxValue }.Select(before => PrivateEndpointStates.Later(before, 1).TotalSeconds));
        Assert.Equal([5, 7.5], new[] { 0, 0.5 }.Select(chance => PrivateEndpointStates.Later(0, chance).TotalSeconds));
        var fruitless = new EndpointLook("Nobody answers.", PrivateEndpointStates.Soon, Fruitless: 1);
        Assert.Equal(fruitless with { Fruitless = 3, LookAgain = TimeSpan.FromSeconds(30) }, fruitless.After(2, 0.5));
        Assert.Equal(fruitless with { Fruitless = 0 }, (fruitless with { Fruitless = 0 }).After(2, 0.5));
    }

    [Fact]
    public void A_look_is_never_later_than_the_deadline()
        => Assert.Equal(TimeSpan.FromSeconds(3), (In("Initiating") with { ProvisionedBy = Now.AddSeconds(3) }).After(Sights["UnderWay"], ReplacementView.NotMade, Now).LookAgain);

    private static PrivateEndpoint In(string state)
    {
        var made = States[state].Late ? Now.AddHours(-1) : Now;
        return new(PrivateEndpointId.FromValid(new string('a', 24)), ProjectId.FromValid(new string('1', 24)), KeyProvider.Azure, "US_EAST_2", "vault", made, made.AddHours(1))
        {
            Status = States[state].Status,
            ConnectionName = States[state].Status is PrivateEndpointStatus.Initiating ? null : "ear-1",
            AbsentSince = state.Split(" absent ") is [_, var seconds] ? Now.AddSeconds(-int.Parse(seconds.TrimEnd('s'), CultureInfo.InvariantCulture)) : null,
        };
    }
}
