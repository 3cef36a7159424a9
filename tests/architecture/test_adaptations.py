"""Every adaptation of stock Saleor says why it is there and is named by a test."""

from __future__ import annotations

import ast

import pytest

from saleor_o2o.compat import Stage, adaptations

from .sources import ROOT, tracked_files

#: The test that fails without the adaptation (below tests/).
PROOFS = {
    "allocation_locks_first": "concurrency/test_stock_race.py::test_forty_carts_for_ten_units",
    "recalculation_keeps_deductions": "ordering/test_deductions.py::test_another_shipping_method_keeps_what_was_taken",
    "encoding_names": "compat/test_adaptations.py::test_removed_names_are_back",
    "translation_names": "compat/test_adaptations.py::test_removed_names_are_back",
    "conf_urls_url": "compat/test_adaptations.py::test_removed_names_are_back",
    "forms_bound_field": "compat/test_adaptations.py::test_removed_names_are_back",
    "postgres_json_field": "compat/test_adaptations.py::test_removed_names_are_back",
    "stripe_six_moves": "compat/test_vendored_six.py::test_stripe_imports_without_its_import_hook",
    "reverse_relation_of_unsaved": "compat/test_adaptations.py::test_reverse_relation_of_an_unsaved_row_is_empty",
    "bulk_update_of_sort_orders": "compat/test_adaptations.py::test_reordering",
    "jwt_token_is_text": "compat/test_adaptations.py::test_jwt_round_trip",
    "mail_stops_at_invalid": "compat/test_mail.py::test_a_synthetic_address_is_never_mailed_to",
    "token_fields_as_stock": "stock/test_account_mutations.py::test_tokens_as_stock",
    "array_agg_of_nothing": "compat/test_adaptations.py::test_groups_without_users_or_permissions",
    "districts_of_chongqing": "compat/test_addresses.py::test_cities",
    "countries_are_not_copied": "compat/test_checkouts.py::test_forms_of_addresses_share_their_countries",
    "shipping_methods_in_one_statement": "compat/test_checkouts.py::test_applicable_methods_take_one_statement",
    "nothing_to_remove_writes_nothing": "compat/test_checkouts.py::test_a_checkout_without_a_voucher_is_not_written",
    "shipping_methods_of_a_step_once": "compat/test_reading_once.py::"
    "test_shipping_methods_of_a_step_are_looked_up_once",
    "gift_cards_that_are_known": "compat/test_reading_once.py::test_the_balance_of_cards_that_were_read",
    "countries_are_looked_up": "compat/test_reading_once.py::test_a_country_is_looked_up",
    "automatic_fulfilment_in_one_statement": "compat/test_reading_once.py::"
    "test_digital_goods_are_found_in_one_statement",
    "analytics_only_where_wanted": "compat/test_reading_once.py::"
    "test_lines_are_read_for_analytics_where_it_is_set_up",
    "available_quantity_adds_up": "compat/test_availability.py::test_equal_quantities_add_up",
    "available_quantity_for_customer_adds_up": "compat/test_availability.py::"
    "test_warehouses_in_different_zones_of_the_country",
    "product_in_stock_needs_units": "compat/test_availability.py::test_over_allocated_stock_is_not_in_stock",
    "stock_availability_filter_adds_up": "compat/test_availability.py::test_stock_availability_filter",
    "stock_filters_list_once": "compat/test_availability.py::test_stock_filters_list_a_product_once",
    "populatedb_pictures": "compat/test_adaptations.py::test_demo_data_is_found_anywhere",
    "populatedb_data": "compat/test_adaptations.py::test_demo_data_is_found_anywhere",
    "errors_never_null": "compat/test_adaptations.py::test_errors_are_never_null",
    "fulfilled_items_of_any_event": "compat/test_adaptations.py::test_events_without_fulfilled_items",
    "cursors_of_missing_relations": "stock/test_queries.py::"
    "test_orders_by_customer_page_over_those_without_an_address",
    "gateway_response_for_staff": "compat/test_leaks.py::test_gateway_response",
    "capture_amount_is_money": "compat/test_leaks.py::test_capture_amount_is_money",
    "promises_cut_short": "compat/test_promises.py::test_an_interrupt_gets_through_and_the_next_promise_is_kept",
    "plugin_defaults_are_copied": "compat/test_leaks.py::test_defaults_of_a_plugin_survive_being_shown_and_saved",
    "slugs_from_pinyin": "compat/test_adaptations.py::test_slugs",
    "decimals_are_amounts": "compat/test_amounts.py::test_a_mutation_refuses_it_before_it_begins",
    "connections_and_nodes_in_reach": "scope/test_graphql_reads.py::test_a_foreign_id_is_answered_like_a_missing_one",
    "bulk_nodes_in_reach": "scope/test_graphql_writes.py::test_bulk_mutations_find_no_foreign_rows",
    "federated_users_in_reach": "scope/test_graphql_reads.py::test_federation_by_mail_is_no_oracle",
    "orders_total_in_reach": "scope/test_graphql_reads.py::test_figures_are_those_of_the_county",
    "product_sales_in_reach": "scope/test_graphql_reads.py::test_figures_are_those_of_the_county",
    "customers_by_orders_in_reach": "scope/test_shared_customers.py::test_filters_by_orders_count_those_in_reach",
    "variant_revenue_in_reach": "scope/test_graphql_reads.py::test_figures_are_those_of_the_county",
    "sample_checkout_lines": "compat/test_adaptations.py::test_sample_checkout_keeps_its_lines",
    "wsgi_body_of_bytes": "compat/test_adaptations.py::test_every_module_of_the_wheel_imports",
    "postprocess_under_lock": "buying/test_bookkeeping.py::test_captures_at_once_are_counted_once",
    "stripe_is_asked_first": "stripe_pay/test_silence.py::test_two_completions_at_once_charge_once",
    "deferred_actions_under_lock": "buying/test_refunds.py::test_the_whole_amount_twice_at_once_goes_back_once",
}


def test_every_adaptation_has_a_reason() -> None:
    # then
    assert [item.name for item in adaptations() if len(item.reason) < 20] == []


def test_every_adaptation_has_run() -> None:
    # then
    assert [item.name for item in adaptations() if not item.applied] == []
    assert {item.stage for item in adaptations()} == {Stage.SETTINGS, Stage.APPS}


def test_every_adaptation_is_named_by_a_test() -> None:
    # then: one line each, and no line for what is gone
    assert {item.name for item in adaptations()} == PROOFS.keys()


@pytest.mark.parametrize("name", PROOFS)
def test_the_proof_exists(name: str) -> None:
    # given
    file, _separator, function = PROOFS[name].partition("::")

    # then
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_stock_is_not_copied() -> None:
    # then: the wheel is installed, never part of the project
    assert [str(path) for path in tracked_files() if path.parts[0] == "saleor"] == []
