namespace Ear.Functions.Tests.Worker;

public sealed class RouteOrderTests
{
    [Theory]
    [InlineData("{*rest}", "things")]
    [InlineData("v2/{*rest}", "v2")]
    [InlineData("v2/{*rest}", "v2/things/{id}")]
    [InlineData("v2/{*rest}", "v2/{*other}")]
    [InlineData("things/{id}", "things/all")]
    [InlineData("things/{id}", "THINGS/{name}")]
    [InlineData("things/{id}", "things/{id:length(24)}")]
    [InlineData("things/{id:length(3)}", "things/all")]
    [InlineData("{id}/parts", "things/{part}")]
    [InlineData("{id}/{part}", "things/{*rest}")]
    public void A_route_hides_a_later_one_that_is_more_precise(string earlier, string later)
        => Assert.Single(RouteOrder.Faults([new("b", ["get"], later), new("A", ["GET", "put"], earlier)]));

    [Theory]
    [InlineData("things", "{*rest}")]
    [InlineData("v2", "v2/{*rest}")]
    [InlineData("things/all", "things/{id}")]
    [InlineData("things/{id}", "things/{id}/parts")]
    [InlineData("things/{id:minlength(4)}", "things/all")]
    [InlineData("things/{part}", "{id}/parts")]
    [InlineData("things/{id}", "others/all")]
    [InlineData("v2/{*rest}", "v1/things")]
    public void It_hides_none_that_is_less_precise_or_meets_it_nowhere(string earlier, string later)
        => Assert.Empty(RouteOrder.Faults([new("a", ["get"], earlier), new("B", ["get"], later)]));

    [Fact]
    public void Functions_without_a_common_method_hide_nothing_from_each_other()
        => Assert.Empty(RouteOrder.Faults([new("a", ["get"], "things/{id}"), new("b", ["post", "put"], "things/all")]));
}
