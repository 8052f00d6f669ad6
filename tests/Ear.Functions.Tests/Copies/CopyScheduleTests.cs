using Ear.Functions.Copies;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Tests.Copies;

public sealed class CopyScheduleTests
{
    [Theory]
    [InlineData("0 30 2 * * *")]
    [InlineData("0 */15 0-6,22 1 JAN-Jun MON,5")]
    [InlineData(" 0  30 2 * * * ")]
    public void Six_fields_are_a_schedule(string schedule) => Assert.True(Check(schedule).Succeeded);

    [Theory]
    [InlineData("")]
    [InlineData("30 2 * * *")]
    [InlineData("0 30 2 * * * 2026")]
    [InlineData("02:30:00")]
    [InlineData("each day at half past two")]
    [InlineData("0 30 2 * * ?!")]
    public void Anything_else_ends_the_start(string schedule) => Assert.StartsWith("CopySchedule is '", Check(schedule).FailureMessage, StringComparison.Ordinal);

    private static ValidateOptionsResult Check(string schedule) => new CopyScheduleOptionsCheck().Validate(null, new() { CopySchedule = schedule });
}
