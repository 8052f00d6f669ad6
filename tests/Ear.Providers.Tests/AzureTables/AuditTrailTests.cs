using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>Whoever works on the tables themselves is noticed, whatever he leaves there.</summary>
public sealed class AuditTrailTests : IDisposable
{
    private readonly AzureUnderTest _store = new();
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("D0", "no event", "Event 2 cannot be read.")]
    [InlineData("D0", "null", "Event 2 cannot be read.")]
    [InlineData("D0", "{}", "Event 2 cannot be read.")]
    [InlineData("D0", 5, "Event 2 cannot be read.")]
    [InlineData("Hash", null, "Event 2 cannot be read.")]
    [InlineData("PreviousHash", 5, "Event 2 cannot be read.")]
    [InlineData("Hash", "zz", "Event 2 was changed, or does not follow the one before it.")]
    [InlineData("Type", 5, "Event 2 is filed under other facts than it tells.")]
    [InlineData("Created", "today", "Event 2 is filed under other facts than it tells.")]
    public async Task What_is_no_event_any_more_is_a_fault_of_the_chain(string property, object? value, string fault)
    {
        await _store.Alerts.SaveAsync(Some.Alert(_project), 0, [Some.Event(_project), Some.Event(_project), Some.Event(_project)], Cancellation);
        var row = (await _store.Store.FindAsync(_project.Value, RowKeys.Event(2), Cancellation))!;
        row[property] = property == "D0" && value is string text ? System.Text.Encoding.UTF8.GetBytes(text) : value;
        await new TableClient(_store.Options.ConnectionString, $"{_store.Options.Prefix}Documents").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, Cancellation);

        Assert.Equal(new ChainCheck(3, fault), await _store.AuditTrail.VerifyAsync(_project, Cancellation));
    }
}
